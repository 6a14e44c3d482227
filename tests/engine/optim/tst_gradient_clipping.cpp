// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/optim/gradient_clipping.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <limits>

namespace leyden::tst_gradient_clipping {

class TestGradientClipping final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_
        = test::torch_references(QStringLiteral("clipping"));

private Q_SLOTS:
    void clipsAsPyTorchDoes_data() { test::add_reference_rows(references_); }

    void clipsAsPyTorchDoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto tolerance = references_[size_t(reference)].tolerance(test::Computed::Once);
        const std::vector<std::vector<int64_t>> shapes = {{3, 17}, {5}, {2}, {21, 13}};
        std::vector<at::Tensor> params;
        for (size_t k = 0; k < shapes.size(); ++k) {
            params.push_back(at::zeros(shapes[k]).set_requires_grad(true));
            if (k != 1)
                params[k].mutable_grad()
                    = test::pattern(shapes[k], 7919, 15485 * int64_t(k) + 104729 * 4);
        }

        if (recorded.contains("clip_value")) {
            clip_grad_value_(params, recorded.at("clip_value").get<double>());
        } else {
            auto norm_type = 2.0;
            if (const auto given = recorded.find("norm_type"); given != recorded.end())
                norm_type = given->is_string() ? std::numeric_limits<double>::infinity()
                                               : given->get<double>();
            const auto norm = total_grad_norm(params, norm_type);
            COMPARE_RECORDED(norm, recorded.at("total_norm"), tolerance);
            const auto max_norm = recorded.at("max_norm").get<double>();
            QVERIFY(clip_grad_norm_(params, max_norm, norm_type).equal(norm));
        }
        for (size_t k = 0; k < params.size(); ++k) {
            const auto& expected = recorded.at("gradients")[k];
            QCOMPARE(params[k].grad().defined(), !expected.is_null());
            if (params[k].grad().defined())
                COMPARE_RECORDED(params[k].grad(), expected, tolerance);
        }
    }

    void isZeroWithoutGradients()
    {
        const std::vector params = {at::zeros({3}).set_requires_grad(true)};
        QCOMPARE(clip_grad_norm_(params, 1.0).item<double>(), 0.0);
        clip_grad_value_(params, 1.0);
        QVERIFY(!params[0].grad().defined());
    }

    void refusesANormThatIsNotFiniteWhenAsked()
    {
        const std::vector params = {at::zeros({3}).set_requires_grad(true)};
        params[0].mutable_grad() = at::full({3}, std::numeric_limits<double>::infinity());
        QVERIFY_EXCEPTION_THROWN(clip_grad_norm_(params, 1.0, 2.0, true), NonFiniteError);
        QVERIFY(std::isinf(clip_grad_norm_(params, 1.0).item<double>()));
    }
};

LEYDEN_TEST(TestGradientClipping)
} // namespace leyden::tst_gradient_clipping

#include "tst_gradient_clipping.moc"
