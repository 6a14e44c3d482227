// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"
#include "engine/core/state_tree.h"
#include "tests/support/mutate.h"
#include "tests/support/test_program.h"

#include <ATen/ops/arange.h>

namespace fuzz_checkpoint {
using namespace leyden;

/// Whatever bytes a checkpoint holds, it is read or refused by a CheckpointError.
class FuzzCheckpoint final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void files()
    {
        const auto encoded = [](const StateTree& state) {
            std::string bytes;
            encode_checkpoint(state, [&](std::string_view part) { bytes += part; });
            return bytes;
        };
        auto list = StateTree::list();
        list.push_back(int64_t(7));
        list.push_back(at::arange(6).reshape({2, 3}));
        const auto large = StateTree::dict(
            {{"state_dict",
                 StateTree::dict({{"w", at::arange(12).to(at::kFloat)}, {"b", at::arange(3)}})},
                {"epoch", int64_t(3)}, {"name", "text"}, {"none", StateTree()},
                {"list", std::move(list)}, {"x", 0.5}, {"flag", true}});
        test::fuzz({encoded(StateTree(int64_t(1))), encoded(large)}, [](const std::string& bytes) {
            try {
                decode_checkpoint(bytes);
                return true;
            } catch (const CheckpointError& error) {
                if (*error.what() == '\0')
                    qFatal("an error without a sentence");
                return false;
            }
        });
    }
};

LEYDEN_TEST(FuzzCheckpoint)
} // namespace fuzz_checkpoint

#include "fuzz_checkpoint.moc"
