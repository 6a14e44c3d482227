// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/text_encoding.h"

#include "engine/core/errors.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace leyden {
namespace {

using namespace std::string_view_literals;

/// iconv's name of an encoding; the byte order of "utf-16" is that of its mark, else that of PCs.
const char* iconv_name(const std::string& encoding, const std::vector<char>& bytes)
{
    if (encoding == "latin-1")
        return "ISO-8859-1";
    if (encoding == "cp1252")
        return "CP1252";
    const bool is_marked_big
        = std::string_view(bytes.data(), bytes.size()).starts_with("\xFE\xFF"sv);
    return encoding == "utf-16-be" || (encoding == "utf-16" && is_marked_big) ? "UTF-16BE"
                                                                              : "UTF-16LE";
}

/// Closed when it goes.
class Converter
{
public:
    explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) { }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter()
    {
        if (is_open())
            iconv_close(handle_);
    }

    bool is_open() const { return handle_ != iconv_t(-1); }

    /// Appends what `in` holds to `out`; false where bytes are left that are no text.
    bool convert(char*& in, size_t& left, std::vector<char>& out)
    {
        size_t size = 0;
        while (left > 0) {
            if (out.size() - size < 16)
                out.resize(std::max(out.size() * 2, left + left / 2 + 16));
            auto* to = out.data() + size;
            auto space = out.size() - size;
            const auto result = iconv(handle_, &in, &left, &to, &space);
            size = out.size() - space;
            if (result == size_t(-1) && errno != E2BIG) {
                out.resize(size);
                return false;
            }
        }
        out.resize(size);
        return true;
    }

private:
    iconv_t handle_;
};

/// How much of a text is UTF-8.
struct Utf8Count
{
    size_t wide = 0; ///< characters of more than a byte
    size_t bad = 0;  ///< bytes; at the very end a character may be cut
};

Utf8Count count_utf8(std::string_view text)
{
    Utf8Count count;
    constexpr size_t longest = 4;
    for (size_t i = 0; i < text.size();) {
        const auto length = utf8_length(text.substr(i));
        if (length > 1)
            ++count.wide;
        if (length == 0 && text.size() - i >= longest)
            ++count.bad;
        else if (length == 0) {
            const bool is_cut = std::all_of(text.begin() + std::ptrdiff_t(i) + 1, text.end(),
                [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
            count.bad += is_cut && static_cast<unsigned char>(text[i]) >= 0xC2 ? 0 : 1;
        }
        i += std::max<size_t>(length, 1);
    }
    return count;
}

/// "utf-16-le" where the second of most pairs of bytes is 0, "utf-16-be" where the first is.
std::string utf16_by_zeros(std::string_view start)
{
    size_t zeros[2] = {};
    for (size_t i = 0; i < start.size(); ++i)
        zeros[i % 2] += start[i] == '\0' ? 1 : 0;
    const auto pairs = start.size() / 2;
    for (const size_t place : {1, 0})
        if (pairs > 1 && zeros[place] * 2 > pairs && zeros[1 - place] * 10 < pairs)
            return place == 1 ? "utf-16-le" : "utf-16-be";
    return {};
}

/// Throws where a text begins with the byte order mark of another encoding.
void refuse_other_mark(std::string_view bytes, const std::string& encoding, const std::string& name)
{
    const auto* const mark = bytes.starts_with("\xEF\xBB\xBF"sv)             ? "utf-8"
        : bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv) ? "utf-16"
                                                                             : nullptr;
    if (mark && !encoding.starts_with(mark))
        throw DataError(name + ": begins with the byte order mark of " + mark
            + ", but encoding is \"" + encoding + "\"; set it to \"" + mark
            + "\" or \"auto\", or save the file alike");
}

bool is_cp1252(std::string_view text)
{
    return text.find_first_of("\0\x81\x8D\x8F\x90\x9D"sv) == std::string_view::npos;
}

} // namespace

size_t utf8_length(std::string_view text)
{
    const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        const auto byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
        return byte >= low && byte <= high;
    };
    const unsigned lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF)
        return follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && follows(2) ? 3
                                                                                                : 0;
    if (lead >= 0xF0 && lead <= 0xF4)
        return follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && follows(2)
                && follows(3)
            ? 4
            : 0;
    return 0;
}

std::string find_encoding(std::string_view start)
{
    if (start.starts_with("\xEF\xBB\xBF"sv))
        return "utf-8-sig";
    if (start.starts_with("\xFF\xFE"sv) || start.starts_with("\xFE\xFF"sv))
        return "utf-16";
    if (auto found = utf16_by_zeros(start); !found.empty())
        return found;
    const auto count = count_utf8(start);
    return count.bad > count.wide && is_cp1252(start) ? "cp1252" : "utf-8";
}

bool is_wide_utf8(std::string_view text)
{
    const auto count = count_utf8(text);
    return count.bad == 0 && count.wide > 0;
}

std::vector<char> to_utf8(
    std::vector<char> bytes, const std::string& encoding, const std::string& name)
{
    refuse_other_mark({bytes.data(), bytes.size()}, encoding, name);
    if (encoding.starts_with("utf-8"))
        return bytes;
    Converter converter(iconv_name(encoding, bytes));
    if (!converter.is_open())
        throw DataError(name + ": this system cannot read " + encoding
            + " text; save the file as UTF-8, or install the conversions of its C library");
    std::vector<char> text;
    auto* in = bytes.data();
    auto left = bytes.size();
    if (!converter.convert(in, left, text)) {
        const auto line = 1 + std::count(text.begin(), text.end(), '\n');
        throw DataError(name + ", line " + std::to_string(line) + ": byte "
            + std::to_string(static_cast<unsigned char>(*in)) + " is not " + encoding
            + " text, as encoding says; set encoding to that of the file, or save it as UTF-8");
    }
    return text;
}

} // namespace leyden
