// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/config/config_cases.h"

namespace leyden::test {

namespace {

constexpr bool beyond_schema = false;

std::string argument(const std::string& name)
{
    return "/model/init_args/" + name;
}

class Cases
{
public:
    void good(const std::string& pointer, const std::string& text, bool schema_can_say = true)
    {
        add(pointer, text, "-", "", schema_can_say);
    }
    void bad(const std::string& pointer, const std::string& text, const std::string& says,
        bool schema_can_say = true)
    {
        add(pointer, text, pointer, says, schema_can_say);
    }
    void bad_at(const std::string& place, const std::string& pointer, const std::string& text,
        const std::string& says, bool schema_can_say = true)
    {
        add(pointer, text, place, says, schema_can_say);
    }
    void without(const std::string& key, const std::string& says)
    {
        auto document = smallest_config();
        document.erase(key);
        all.push_back({"no " + key, document, "/" + key, says, true});
    }

    std::vector<ConfigCase> all;

private:
    void add(const std::string& pointer, const std::string& text, const std::string& place,
        const std::string& says, bool schema_can_say)
    {
        all.push_back(
            {pointer + " = " + text, config_with(pointer, text), place, says, schema_can_say});
    }
};

void add_top_level(Cases& cases)
{
    cases.good("/schema", "1");
    cases.bad("/schema", "2", "newer version");
    cases.bad("/schema", "0", "found 0, expected a whole number from 1 to 1");
    cases.good("/seed_everything", "4294967295");
    cases.bad("/seed_everything", "4294967296", "from 0 to 4294967295");
    cases.bad("/seed_everything", "18446744073709551615", "from 0 to 4294967295");
    cases.bad("/seed_everything", "-1", "found -1");
    cases.bad("/seed_everything", "true", "found true, expected a whole number");
    cases.bad("/seed_everything", "1.0", "without a decimal point", beyond_schema);
    cases.bad("/seed_everything", "\"7\"", "without quotes");
    cases.good("/num_threads", "null");
    cases.good("/num_threads", "1");
    cases.bad("/num_threads", "0", "found 0, expected a whole number from 1 to 1024, or null");
    cases.bad("/num_threads", "100000", "expected a whole number from 1 to 1024, or null");
    cases.without("model", "missing; expected the name of a model");
    cases.without("data", "known are \"MadeUpData\"");
    cases.without("optimizer", "known are \"MadeUpSGD\" or \"MadeUpAdam\"");
    cases.bad("/modle", "1", "unknown option; did you mean \"model\"?");
    cases.bad("/trainer", "[]", "found [], expected an object");
    cases.good("/ckpt_path", "\"last\"");
    cases.bad("/ckpt_path", "\"\"", "text that is not empty");
    cases.bad("/ckpt_path", "1", "expected text");
    cases.good("/ckpt_restore", "[\"weights\", \"loops\"]");
    cases.good("/strict_loading", "false");
    cases.bad("/strict_loading", "\"no\"", "true or false");
    cases.bad("/ckpt_restore", "[]", "a list that is not empty");
}

void add_components(Cases& cases)
{
    cases.good("/optimizer", R"({"class_path": "MadeUpSGD"})");
    cases.good("/optimizer", R"({"class_path": "MadeUpSGD", "init_args": {"lr": 1}})");
    cases.bad("/optimizer", "\"MadeUpSDG\"", "did you mean \"MadeUpSGD\"?");
    cases.bad("/optimizer", "\"torch.optim.MadeUpAdam\"", "did you mean \"MadeUpAdam\"?");
    cases.bad("/optimizer", "\"Zebra\"", "known are \"MadeUpSGD\" or \"MadeUpAdam\"");
    cases.bad("/optimizer", "7", "found 7, expected the name of an optimizer");
    cases.bad("/optimizer", "null", "found null");
    cases.bad_at(
        "/optimizer/class_path", "/optimizer", R"({"class_path": "Zebra"})", "no known optimizer");
    cases.bad_at("/optimizer/class_path", "/optimizer", R"({"init_args": {}})", "missing");
    cases.bad_at("/optimizer/class_path", "/optimizer", R"({"class_path": 3})", "found 3");
    cases.bad_at("/optimizer/init_args", "/optimizer",
        R"({"class_path": "MadeUpSGD", "init_args": 3})", "found 3, expected an object");
    cases.bad_at(
        "/optimizer/lr", "/optimizer", R"({"class_path": "MadeUpSGD", "lr": 1})", "init_args");
    cases.bad_at(
        "/optimizer/x", "/optimizer", R"({"class_path": "MadeUpSGD", "x": 1})", "unknown option");
    cases.bad_at("/optimizer/init_args/lr", "/optimizer/init_args/lr", "-1",
        "found -1, expected a number >= 0");
    cases.bad("/optimizer/init_args/rl", "1", "unknown option; did you mean \"lr\"?");
    cases.good("/lr_scheduler", "null");
    cases.good("/lr_scheduler", "\"MadeUpDecay\"");
    cases.good("/lr_scheduler",
        R"({"class_path": "MadeUpDecay", "init_args": {"gamma": 0.1}, "interval": "step", "frequency": 2, "monitor": "val_loss", "strict": false, "name": "decay"})");
    cases.bad_at("/lr_scheduler/interval", "/lr_scheduler",
        R"({"class_path": "MadeUpDecay", "interval": "batch"})", "expected \"epoch\" or \"step\"");
    cases.bad_at("/lr_scheduler/frequency", "/lr_scheduler",
        R"({"class_path": "MadeUpDecay", "frequency": 0})", "found 0");
    cases.good("/trainer/callbacks", "\"MadeUpCallback\"");
    cases.good("/trainer/callbacks", R"(["MadeUpCallback", {"class_path": "MadeUpCallback"}])");
    cases.good("/trainer/callbacks", "[]");
    cases.bad_at("/trainer/callbacks/1", "/trainer/callbacks",
        R"(["MadeUpCallback", "MadeUpCallbock"])", "did you mean \"MadeUpCallback\"?");
    cases.bad_at("/trainer/callbacks/0/init_args/monitor", "/trainer/callbacks",
        R"([{"class_path": "MadeUpRequired"}])", "missing; expected text that is not empty");
    cases.bad_at("/trainer/callbacks/init_args/monitor", "/trainer/callbacks", "\"MadeUpRequired\"",
        "missing", beyond_schema);
    cases.good("/trainer/logger", "false");
    cases.good("/trainer/logger", "\"MadeUpLogger\"");
    cases.bad("/trainer/logger", "1", "found 1");
}

void add_scalars(Cases& cases)
{
    cases.bad(argument("required_text"), "\"\"", "not empty");
    cases.good(argument("flag"), "false");
    cases.bad(argument("flag"), "0", "expected true or false");
    cases.bad(argument("flag"), "\"true\"", "without quotes");
    cases.good(argument("count"), "100");
    cases.bad(argument("count"), "101", "found 101, expected a whole number from 1 to 100");
    cases.bad(argument("count"), "null", "found null");
    cases.good(argument("rate"), "0.25");
    cases.bad(argument("rate"), "0", "found 0, expected a number > 0 and < 1");
    cases.bad(argument("rate"), "1", "found 1");
    cases.bad(argument("rate"), "\"0,3\"", "expected a number > 0 and < 1; write 0.3");
    cases.bad(argument("rate"), "\"1,5e-3\"", "; write 1.5e-3");
    cases.bad(argument("rate"), "\"1,000\"", "without a comma between thousands");
    cases.bad(argument("count"), "\"1,000\"", "; write 1000");
    cases.bad(argument("rate"), "\"NaN\"", "found \"NaN\"");
    cases.good(argument("threshold"), "\"-Infinity\"");
    cases.good(argument("threshold"), "3");
    cases.bad(argument("threshold"), "\"inf\"", "\"Infinity\"");
    cases.good(argument("label"), "\"\"");
    cases.bad(argument("label"), "1", "expected text");
    cases.bad(argument("choice"), "\"secnod\"", "did you mean \"second\"?");
    cases.good(argument("loose_choice"), "\"LARGE\"", beyond_schema);
    cases.bad(argument("loose_choice"), "\"huge\"", "not available yet");
    cases.good(argument("mode"), "\"max\"");
    cases.bad(argument("mode"), "\"middle\"", "expected \"min\" or \"max\"");
    cases.good(argument("maybe_flag"), "true");
    cases.good(argument("maybe_count"), "null");
    cases.bad(argument("maybe_count"), "5", "other than 5");
    cases.good(argument("maybe_rate"), "null");
    cases.bad(argument("maybe_rate"), "-0.5", "or null");
    cases.good(argument("maybe_label"), "\"x\"");
    cases.good(argument("maybe_mode"), "null");
    cases.bad(argument("maybe_mode"), "\"\"", "or null");
    cases.good(argument("time"), "\"1:02:03:04\"");
    cases.bad(argument("time"), "\"1:2:3:4\"", "a time \"DD:HH:MM:SS\"");
    cases.bad(argument("unknown"), "1", "unknown option");
}

void add_lists(Cases& cases)
{
    cases.good(argument("sizes"), "[]");
    cases.bad_at(
        argument("sizes/1"), argument("sizes"), "[1, 0]", "found 0, expected a whole number >= 1");
    cases.bad(argument("sizes"), "3", "expected a list");
    cases.good(argument("rates"), "[1, 2]");
    cases.bad_at(argument("rates/0"), argument("rates"), "[2.5]", "> 0 and <= 2");
    cases.bad_at(
        argument("labels/0"), argument("labels"), "[\"d\"]", "expected \"a\", \"b\" or \"c\"");
    cases.bad(argument("labels"), "[]", "not empty");
    cases.good(argument("modes"), "[\"min\", \"max\"]");
    cases.good(argument("betas"), "[0, 0.5]");
    cases.bad(argument("betas"), "[0.9]", "of length 2");
    cases.bad_at(argument("betas/1"), argument("betas"), "[0.9, 1]", "< 1");
    cases.good(argument("amount"), "3");
    cases.bad(argument("amount"), "-0.1", "expected a whole number >= 0, or a number >= 0");
    cases.good(argument("switch_or_count"), "true");
    cases.good(argument("switch_or_count"), "2");
    cases.bad(argument("switch_or_count"), "0", "found 0");
    cases.good(argument("number_or_text"), "\"NaN\"");
    cases.bad(argument("number_or_text"), "[]", "found []");
    cases.good(argument("weights"), "{}");
    cases.bad_at(argument("weights/b"), argument("weights"), R"({"a": 1, "b": -1})", "found -1");
    cases.bad(argument("weights"), "[1]", "expected an object of names");
    cases.good(argument("files"), "[\"a\", \"b\"]");
    cases.good(argument("part"), "\"MadeUpCallback\"");
    cases.bad_at(argument("part/init_args/patience"), argument("part"),
        R"({"class_path": "MadeUpCallback", "init_args": {"patience": -1}})", "found -1");
    cases.good(argument("parts"), "[\"MadeUpCallback\"]");
    cases.bad(argument("parts"), "\"MadeUpCallback\"", "expected a list");
    cases.good(argument("switch_or_parts"), "[\"MadeUpLogger\"]");
    cases.good(argument("future"), "0");
    cases.bad(argument("future"), "1", "not available yet");
    cases.bad(argument("future"), "-1", ">= 0");
    cases.bad(argument("least"), "11", "with most = 10", beyond_schema);
}

} // namespace

Json smallest_config()
{
    return Json::parse(R"({
        "model": {"class_path": "MadeUpModel", "init_args": {"required_text": "x"}},
        "data": "MadeUpData",
        "optimizer": {"class_path": "MadeUpSGD", "init_args": {}},
        "trainer": {}
    })");
}

Json config_with(const std::string& pointer, const std::string& json_text)
{
    auto document = smallest_config();
    document[Json::json_pointer(pointer)] = Json::parse(json_text);
    return document;
}

std::vector<ConfigCase> config_cases()
{
    Cases cases;
    add_top_level(cases);
    add_components(cases);
    add_scalars(cases);
    add_lists(cases);
    return cases.all;
}

} // namespace leyden::test
