// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a run config in YAML, free of LibTorch: the text, the types of its scalars, the checks.
// Built alone with libFuzzer (target parse_yaml_libfuzzer), and with replay_corpus.cpp for an
// ordinary test run.
#include "engine/config/config_file.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "tests/support/made_up_component.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const auto registry = [] {
        auto made = std::make_unique<leyden::Registry>();
        leyden::test::register_made_up_components(*made);
        return made;
    }();
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        auto config = leyden::config_from_text(text, "fuzz.yaml", *registry);
        const auto parsed = leyden::parse_run_config(config.document, *registry, {".", "."});
        for (const auto& problem : parsed.problems)
            if (problem.message.empty())
                std::abort(); // a problem without a sentence
    } catch (const leyden::MisconfigurationError& error) {
        if (std::string(error.what()).size() < 20)
            std::abort();
    }
    return 0;
}
