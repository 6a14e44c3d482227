// SPDX-License-Identifier: GPL-3.0-or-later
// Gives each file of the folders to the fuzz target once, and the beginnings of each. Prints how
// many.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv)
{
    int files = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
            const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
            const size_t step = std::max<size_t>(1, bytes.size() / 64);
            for (size_t size = 0; size < bytes.size(); size += step)
                LLVMFuzzerTestOneInput(data, size);
            LLVMFuzzerTestOneInput(data, bytes.size());
            ++files;
        }
    }
    std::printf("%d files of the corpus\n", files);
    return files > 0 ? 0 : 1;
}
