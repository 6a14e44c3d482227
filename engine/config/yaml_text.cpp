// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/yaml_text.h"

#include "engine/config/json_text.h"
#include "engine/config/yaml_problem.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace leyden {

namespace {

using Kind = YamlValue::Kind;
using Type = YamlValue::Type;

constexpr std::size_t max_values = 250'000; // with every alias written out
constexpr std::size_t max_bytes = 16 * 1024 * 1024;
constexpr std::size_t max_keys = 10'000; // of one map: as in JSON

/// Ends the parser from inside an event.
struct Refusal
{
    YAML::Mark mark;
    std::string reason;
};

/// null and ~ come from the parser without their text.
std::string null_text(std::string_view text, const YAML::Mark& mark, bool is_key)
{
    const auto rest = text.substr(std::min(std::size_t(std::max(mark.pos, 0)), text.size()));
    for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
        if (!rest.starts_with(word))
            continue;
        const auto after = rest.substr(word.size());
        const auto next = after.find_first_not_of(" \t");
        const bool is_next_key = !is_key && next != std::string_view::npos && after[next] == ':';
        return is_next_key ? "" : std::string(word);
    }
    return {};
}

std::optional<Type> type_of_tag(const std::string& tag)
{
    static const std::map<std::string, Type> types = {{"", Type::Open}, {"?", Type::Open},
        {"!", Type::Text}, {"tag:yaml.org,2002:str", Type::Text},
        {"tag:yaml.org,2002:null", Type::Null}, {"tag:yaml.org,2002:bool", Type::Bool},
        {"tag:yaml.org,2002:int", Type::Int}, {"tag:yaml.org,2002:float", Type::Float}};
    const auto found = types.find(tag);
    return found == types.end() ? std::nullopt : std::optional(found->second);
}

std::string shown_tag(const std::string& tag)
{
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    return tag.starts_with(standard) ? "!!" + tag.substr(standard.size()) : tag;
}

/// Builds the values of one document.
class YamlBuilder final : public YAML::EventHandler
{
public:
    explicit YamlBuilder(std::string_view text) : text_(text) { }

    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (root) {
            const auto rest = text_.substr(std::min(std::size_t(mark.pos), text_.size()));
            throw Refusal{mark,
                rest.starts_with("---")
                    ? "a second document begins here, and a config is one document"
                    : "what follows belongs to nothing above; check its indentation"};
        }
    }
    void OnDocumentEnd() override { }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        add_scalar(
            mark, anchor, null_text(text_, mark, !stack_.empty() && wants_key()), Type::Open, true);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        last = mark;
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            throw Refusal{mark, "an alias stands inside of what it is an alias of"};
        add(mark, found->second, found->second->type == Type::Open);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
        const std::string& value) override
    {
        const auto type = type_of_tag(tag);
        if (!type)
            refuse_tag(mark, tag);
        if (const auto quote = open_quote_of(mark); quote && *type == Type::Text)
            throw Refusal{
                *quote, "the text in line " + std::to_string(quote->line + 1) + " is not closed"};
        add_scalar(mark, anchor, value, *type, *type == Type::Open);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
        YAML::EmitterStyle::value style) override
    {
        if (tag != "?" && tag != "!" && !tag.empty() && tag != "tag:yaml.org,2002:seq")
            refuse_tag(mark, tag);
        open(mark, Kind::List, anchor, style);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
        YAML::EmitterStyle::value style) override
    {
        if (tag != "?" && tag != "!" && !tag.empty() && tag != "tag:yaml.org,2002:map")
            refuse_tag(mark, tag);
        open(mark, Kind::Map, anchor, style);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

    YamlNode root;
    YAML::Mark last; ///< of the last thing that was read whole

private:
    struct Open
    {
        std::shared_ptr<YamlValue> value;
        YAML::Mark mark;
        YAML::anchor_t anchor;
        std::optional<YamlEntry> entry;  ///< a key whose value is to come
        std::map<std::string, int> keys; ///< and their lines
        bool is_flow = false;            ///< in braces
    };

    [[noreturn]] static void refuse_tag(const YAML::Mark& mark, const std::string& tag)
    {
        throw Refusal{mark,
            "the tag " + shown(Json(shown_tag(tag)))
                + " is not available; a config holds texts, numbers, switches, lists and maps"};
    }

    /// The beginning of a scalar in quotes that has no end: the parser takes the end of the file.
    std::optional<YAML::Mark> open_quote_of(YAML::Mark mark) const
    {
        const auto at = [&] { return std::size_t(std::max(mark.pos, 0)); };
        const auto step = [&] {
            const bool is_break = text_[at()] == '\n';
            ++mark.pos;
            mark.line += is_break ? 1 : 0;
            mark.column = is_break ? 0 : mark.column + 1;
        };
        const auto is_blank = [&] {
            return std::string_view(" \t\r\n").find(text_[at()]) != std::string_view::npos;
        };
        while (at() < text_.size() && (text_[at()] == '!' || text_[at()] == '&' || is_blank())) {
            while (at() < text_.size() && !is_blank()) // a tag or an anchor
                step();
            while (at() < text_.size() && is_blank())
                step();
        }
        if (at() >= text_.size() || (text_[at()] != '"' && text_[at()] != '\''))
            return std::nullopt;
        return is_closed(at()) ? std::nullopt : std::optional(mark);
    }

    bool is_closed(std::size_t begin) const
    {
        const char quote = text_[begin];
        for (auto i = begin + 1; i < text_.size(); ++i) {
            if (quote == '"' && text_[i] == '\\')
                ++i;
            else if (text_[i] == quote) {
                if (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote)
                    return true;
                ++i;
            }
        }
        return false;
    }

    /// Whether a plain key of a block has its ':'; the parser takes the last one without.
    bool has_colon(const YAML::Mark& mark, const std::string& key) const
    {
        const auto pos = std::min(std::size_t(std::max(mark.pos, 0)), text_.size());
        if (key.empty() || !text_.substr(pos).starts_with(key))
            return true; // with an anchor before it
        const auto before = text_.substr(0, pos).find_last_not_of(" \t");
        if (before != std::string_view::npos && text_[before] == '?')
            return true;
        const auto after = text_.find_first_not_of(" \t", pos + key.size());
        return after != std::string_view::npos && text_[after] == ':';
    }

    std::shared_ptr<YamlValue> make(const YAML::Mark& mark, Kind kind)
    {
        auto value = std::make_shared<YamlValue>();
        value->kind = kind;
        value->line = mark.line + 1;
        value->depth = kind == Kind::Scalar ? 0 : 1;
        if (++made_ > max_values)
            refuse_size(mark);
        return value;
    }

    void add_scalar(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& text,
        Type type, bool is_plain)
    {
        last = mark;
        auto value = make(mark, Kind::Scalar);
        value->text = text;
        value->type = type;
        value->bytes = text.size();
        if (anchor != 0)
            anchors_[anchor] = value;
        add(mark, value, is_plain);
    }

    void open(
        const YAML::Mark& mark, Kind kind, YAML::anchor_t anchor, YAML::EmitterStyle::value style)
    {
        last = mark;
        if (stack_.size() >= std::size_t(max_json_depth))
            refuse_depth(mark);
        if (!stack_.empty() && wants_key())
            throw Refusal{mark,
                kind == Kind::List
                    ? "a key is a list, and only texts can be keys; or a '[' is not closed"
                    : "a key is a map, and only texts can be keys; or a '{' is not closed"};
        stack_.push_back(
            {make(mark, kind), mark, anchor, std::nullopt, {}, style == YAML::EmitterStyle::Flow});
    }

    [[noreturn]] static void refuse_depth(const YAML::Mark& mark)
    {
        throw Refusal{mark,
            "lists and maps are inside each other more than " + std::to_string(max_json_depth)
                + " levels deep"};
    }

    [[noreturn]] static void refuse_size(const YAML::Mark& mark)
    {
        throw Refusal{mark,
            "there are more than " + std::to_string(max_values)
                + " values or 16 MiB of texts, aliases written out"};
    }

    bool wants_key() const
    {
        return stack_.back().value->kind == Kind::Map && !stack_.back().entry;
    }

    void close()
    {
        auto closed = std::move(stack_.back());
        stack_.pop_back();
        if (closed.value->kind == Kind::Map)
            merge(closed);
        if (closed.anchor != 0)
            anchors_[closed.anchor] = closed.value;
        add(closed.mark, closed.value, false);
    }

    void add(const YAML::Mark& mark, const YamlNode& value, bool is_plain)
    {
        if (stack_.empty()) {
            root = value;
            return;
        }
        auto& parent = stack_.back();
        if (wants_key()) {
            take_key(parent, mark, *value, is_plain);
            return;
        }
        if (int(stack_.size()) + value->depth > max_json_depth)
            refuse_depth(mark); // by an alias
        auto& target = *parent.value;
        target.depth = std::max(target.depth, value->depth + 1);
        target.values += value->values;
        target.bytes += value->bytes;
        if (target.values > max_values || target.bytes > max_bytes)
            refuse_size(mark);
        if (target.kind == Kind::List) {
            target.items.push_back(value);
            return;
        }
        parent.entry->value = value;
        target.entries.push_back(std::move(*parent.entry));
        parent.entry.reset();
    }

    void take_key(Open& parent, const YAML::Mark& mark, const YamlValue& key, bool is_plain)
    {
        if (key.kind != Kind::Scalar)
            throw Refusal{mark, "a key is an alias of a list or map, and only texts can be keys"};
        if (is_plain && !parent.is_flow && !has_colon(mark, key.text))
            throw Refusal{mark, "a ':' is missing after " + shown(Json(key.text))};
        const auto line = mark.line + 1;
        const auto [before, is_new] = parent.keys.emplace(key.text, line);
        if (!is_new)
            throw Refusal{mark,
                "the key " + shown(Json(key.text)) + " is already in line "
                    + std::to_string(before->second)};
        if (parent.keys.size() > max_keys)
            throw Refusal{mark, "a map has more than " + std::to_string(max_keys) + " keys"};
        parent.entry = YamlEntry{key.text, line, is_plain, nullptr};
        parent.value->bytes += key.text.size();
    }

    /// `<<: *other`: the other's entries come first, and the map's own take their place.
    void merge(Open& map)
    {
        auto& entries = map.value->entries;
        const auto is_merge
            = [](const YamlEntry& entry) { return entry.is_plain && entry.key == "<<"; };
        const auto found = std::find_if(entries.begin(), entries.end(), is_merge);
        if (found == entries.end())
            return;
        const auto source = found->value;
        const auto line = found->line;
        entries.erase(found);
        auto others = source->kind == Kind::List ? source->items : std::vector{source};
        std::vector<YamlEntry> merged;
        std::set<std::string> taken;
        for (const auto& entry : entries)
            taken.insert(entry.key);
        for (const auto& other : others) {
            if (other->kind != Kind::Map)
                throw Refusal{map.mark,
                    "<< in line " + std::to_string(line)
                        + " takes a map, or a list of maps, e.g. <<: *name"};
            for (const auto& entry : other->entries)
                if (taken.insert(entry.key).second)
                    merged.push_back(entry);
        }
        if (taken.size() > max_keys)
            throw Refusal{map.mark, "a map has more than " + std::to_string(max_keys) + " keys"};
        entries.insert(entries.begin(), merged.begin(), merged.end());
    }

    std::string_view text_;
    std::vector<Open> stack_;
    std::map<YAML::anchor_t, YamlNode> anchors_;
    std::size_t made_ = 0;
};

} // namespace

YamlText parse_yaml(std::string_view text)
{
    YamlText result;
    result.problem = refused_bytes(text);
    if (!result.problem.empty())
        return result;
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    YamlBuilder builder(text);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) { }
        result.document = builder.root;
        if (!result.document)
            result.problem = "the text holds no value";
    } catch (const Refusal& refusal) {
        result.problem = yaml_place(text, refusal.mark) + ": not valid YAML, " + refusal.reason;
    } catch (const YAML::Exception& error) {
        result.problem = yaml_problem(text, error, builder.last);
    } catch (const std::exception&) { // of memory
        result.problem = "the text is too large";
    }
    return result;
}

bool can_read_yaml()
{
    return true;
}

} // namespace leyden
