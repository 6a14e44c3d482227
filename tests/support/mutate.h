// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDeadlineTimer>
#include <QTest>

#include <random>
#include <string>

namespace leyden::test {

/// Some bytes changed, removed, doubled or overwritten.
inline std::string mutated(std::string bytes, std::mt19937& random)
{
    for (auto changes = 1 + random() % 3; changes > 0 && !bytes.empty(); --changes) {
        const size_t at = random() % bytes.size();
        switch (random() % 5) {
        case 0:
            bytes[at] = char(bytes[at] ^ (1 << random() % 8));
            break;
        case 1:
            bytes[at] = char(0xff);
            break;
        case 2:
            bytes.replace(at, 4, 4, char(random() % 2 == 0 ? 0xff : 0));
            break;
        case 3:
            bytes.erase(at, 1 + random() % 64);
            break;
        default:
            bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 64));
        }
    }
    return bytes;
}

/// Calls `attempt(text)` with mutations of the seeds for LEYDEN_FUZZ_SECONDS (20). LEYDEN_FUZZ_SEED
/// repeats a run. A mutation that was taken is mutated further, so that changes add up.
template <class Attempt> void fuzz(const std::vector<std::string>& seeds, Attempt attempt)
{
    bool is_set = false;
    auto seed = unsigned(qEnvironmentVariableIntValue("LEYDEN_FUZZ_SEED", &is_set));
    if (!is_set)
        seed = std::random_device()();
    const auto seconds = qEnvironmentVariableIntValue("LEYDEN_FUZZ_SECONDS", &is_set);
    const QDeadlineTimer end((is_set ? seconds : 20) * 1000);
    std::mt19937 random(seed);
    qInfo("LEYDEN_FUZZ_SEED=%u", seed); // before anything can go wrong
    auto pool = seeds;
    qint64 attempts = 0;
    qint64 taken = 0;
    for (; !end.hasExpired(); ++attempts) {
        const auto among = random() % 2 == 0 ? seeds.size() : pool.size();
        auto text = mutated(pool[random() % among], random);
        if (!attempt(text))
            continue;
        ++taken;
        if (text.size() > 100'000)
            continue;
        if (pool.size() < 500)
            pool.push_back(std::move(text));
        else
            pool[seeds.size() + random() % (500 - seeds.size())] = std::move(text);
    }
    qInfo("%lld attempts, %lld taken, the rest refused in a sentence", attempts, taken);
    QVERIFY(taken > 0 && taken < attempts);
}

} // namespace leyden::test
