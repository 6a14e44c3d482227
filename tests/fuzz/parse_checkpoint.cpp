// SPDX-License-Identifier: GPL-3.0-or-later
// The parsing part of reading a checkpoint, free of LibTorch: the zip archive, the checksums, the
// pickle. Built alone with libFuzzer (target parse_checkpoint_libfuzzer), and with
// replay_corpus.cpp for an ordinary test run.
#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/core/errors.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto attempt = [](auto&& action) {
        try {
            action();
        } catch (const leyden::CheckpointError& error) {
            if (*error.what() == '\0')
                std::abort(); // an error without a sentence
        }
    };
    attempt([&] { leyden::read_pickle(bytes); }); // reached without a whole archive around it
    attempt([&] {
        leyden::MemorySource source(bytes);
        const leyden::ZipReader archive(source);
        for (const auto& record : archive.records()) {
            attempt([&] {
                const auto content = archive.read(record.name);
                if (record.name.ends_with("data.pkl"))
                    leyden::read_pickle(content);
            });
        }
    });
    return 0;
}
