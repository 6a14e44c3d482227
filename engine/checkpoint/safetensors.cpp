// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"

#include "engine/config/json_text.h"
#include "engine/core/errors.h"

#include <ATen/ops/empty.h>

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace leyden {
namespace {
constexpr size_t length_size = 8;
constexpr uint64_t max_header = uint64_t{16} << 20;
constexpr const char* metadata_key = "__metadata__";

struct TypeName
{
    const char* name;
    at::ScalarType dtype;
};
constexpr std::array type_names = {
    TypeName{"F32", at::kFloat},
    TypeName{"F64", at::kDouble},
    TypeName{"F16", at::kHalf},
    TypeName{"BF16", at::kBFloat16},
    TypeName{"I64", at::kLong},
    TypeName{"I32", at::kInt},
    TypeName{"I16", at::kShort},
    TypeName{"I8", at::kChar},
    TypeName{"U8", at::kByte},
    TypeName{"BOOL", at::kBool},
};

using NamedTensor = std::pair<std::string, at::Tensor>;

const char* type_name(const NamedTensor& named)
{
    for (const auto& entry : type_names)
        if (entry.dtype == named.second.scalar_type())
            return entry.name;
    throw CheckpointError(
        fmt::format("the entry '{}' cannot be written: safetensors has no dtype {}", named.first,
            c10::toString(named.second.scalar_type())));
}

std::vector<NamedTensor> tensors_of(const StateTree& weights)
{
    std::vector<NamedTensor> tensors;
    for (const auto& [key, value] : weights.entries()) {
        const auto* name = std::get_if<std::string>(&key);
        if (!name || *name == metadata_key || !value.is_tensor() || !value.tensor().defined()
            || value.tensor().layout() != at::kStrided || value.tensor().is_meta())
            throw CheckpointError(fmt::format(
                "the entry '{}' cannot be written: safetensors holds named dense tensors only",
                name ? *name : std::to_string(std::get<int64_t>(key))));
        tensors.emplace_back(*name, value.tensor());
    }
    // Wide elements first: then each tensor starts at a multiple of its element's size.
    std::stable_sort(
        tensors.begin(), tensors.end(), [](const NamedTensor& a, const NamedTensor& b) {
            return a.second.element_size() > b.second.element_size();
        });
    return tensors;
}

std::string header_of(const std::vector<NamedTensor>& tensors, const StateTree& metadata)
{
    auto header = Json::object();
    if (metadata.size() > 0) {
        for (const auto& [key, value] : metadata.entries())
            header[metadata_key][std::get<std::string>(key)] = value.to_string();
    }
    uint64_t offset = 0;
    for (const auto& named : tensors) {
        const auto& [name, tensor] = named;
        const auto end = offset + tensor.nbytes();
        header[name] = {{"dtype", type_name(named)},
            {"shape", std::vector<int64_t>(tensor.sizes().begin(), tensor.sizes().end())},
            {"data_offsets", {offset, end}}};
        offset = end;
    }
    auto text = header.dump();
    // the data start aligned
    text.append((length_size - text.size() % length_size) % length_size, ' ');
    if (text.size() > max_header)
        throw CheckpointError("it has too many tensors for a header of safetensors");
    return text;
}

/// A tensor as the header describes it.
struct Description
{
    std::string name;
    at::ScalarType dtype = at::kFloat;
    std::vector<int64_t> shape;
    uint64_t begin = 0;
    uint64_t end = 0;
};

[[noreturn]] void refuse(const std::string& name, const char* why)
{
    throw CheckpointError(fmt::format("its tensor {} {}", shown(Json(name)), why));
}

Description description_of(const std::string& name, const Json& said, uint64_t data_size)
{
    Description result;
    result.name = name;
    if (!said.is_object() || said.size() != 3 || !said.contains("dtype") || !said.contains("shape")
        || !said.contains("data_offsets"))
        refuse(name, "lacks its dtype, shape or data_offsets");
    const auto& dtype = said["dtype"];
    const auto* known = std::find_if(type_names.begin(), type_names.end(),
        [&](const TypeName& entry) { return dtype == entry.name; });
    if (known == type_names.end())
        throw CheckpointError(fmt::format("its tensor {} has the dtype {}, which cannot be read",
            shown(Json(name)), shown(dtype)));
    result.dtype = known->dtype;
    const auto& offsets = said["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned()
        || !offsets[1].is_number_unsigned())
        refuse(name, "has data_offsets that are no two numbers");
    result.begin = offsets[0].get<uint64_t>();
    result.end = offsets[1].get<uint64_t>();
    if (result.begin > result.end || result.end > data_size)
        refuse(name, "reaches past the end of the file");
    if (!said["shape"].is_array())
        refuse(name, "has no shape");
    uint64_t bytes = c10::elementSize(result.dtype);
    uint64_t without_zeros = 1; // LibTorch multiplies in any order
    for (const auto& size : said["shape"]) {
        constexpr auto most = uint64_t{1} << 62;
        if (!size.is_number_unsigned() || size.get<uint64_t>() > most
            || __builtin_mul_overflow(
                without_zeros, std::max<uint64_t>(size.get<uint64_t>(), 1), &without_zeros)
            || without_zeros > most / 8
            || __builtin_mul_overflow(bytes, size.get<uint64_t>(), &bytes))
            refuse(name, "has an impossible shape");
        result.shape.push_back(size.get<int64_t>());
    }
    if (bytes != result.end - result.begin)
        refuse(name, "has another size than its shape says");
    return result;
}

void check_cover(std::vector<Description> descriptions, uint64_t data_size)
{
    std::sort(
        descriptions.begin(), descriptions.end(), [](const Description& a, const Description& b) {
            return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
        });
    uint64_t covered = 0;
    for (const auto& description : descriptions) {
        if (description.begin != covered)
            refuse(description.name, "does not start where the one before it ends");
        covered = description.end;
    }
    if (covered != data_size)
        throw CheckpointError("it has bytes that belong to no tensor");
}

} // namespace

void encode_safetensors(
    const StateTree& weights, const StateTree& metadata, const FileSystem::Sink& write)
{
    const auto tensors = tensors_of(weights);
    const auto header = header_of(tensors, metadata);
    std::string length;
    for (size_t i = 0; i < length_size; ++i)
        length.push_back(char((header.size() >> (8 * i)) & 0xFF));
    write(length);
    write(header);
    for (const auto& [name, tensor] : tensors) {
        const auto bytes = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous();
        write({static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes()});
    }
}

StateTree decode_safetensors(std::string_view bytes)
{
    MemorySource source(bytes);
    return decode_safetensors(source);
}

StateTree decode_safetensors(ByteSource& file)
{
    if (file.size() < length_size)
        throw CheckpointError("it is too short for a safetensors file");
    const auto start = file.text(0, length_size);
    uint64_t length = 0;
    for (size_t i = 0; i < length_size; ++i)
        length |= uint64_t{static_cast<unsigned char>(start[i])} << (8 * i);
    if (length > max_header || length > file.size() - length_size)
        throw CheckpointError(
            "it is no safetensors file, or it is cut short: its header is longer than the file");
    const auto header = parse_json(file.text(length_size, length));
    if (!header.problem.empty())
        throw CheckpointError("its header is damaged: " + header.problem);
    if (!header.document.is_object())
        throw CheckpointError("its header is not a JSON object");
    const auto data_start = length_size + length;
    const auto data_size = file.size() - data_start;

    std::vector<Description> descriptions;
    for (const auto& [name, said] : header.document.items()) {
        if (name != metadata_key)
            descriptions.push_back(description_of(name, said, data_size));
    }
    check_cover(descriptions, data_size);

    StateTree::Dict weights{{}, /*is_ordered_dict=*/true};
    for (const auto& description : descriptions) {
        auto tensor = at::empty(description.shape, description.dtype);
        if (tensor.nbytes() > 0)
            file.read(data_start + description.begin, static_cast<char*>(tensor.mutable_data_ptr()),
                tensor.nbytes());
        weights.entries.emplace_back(description.name, std::move(tensor));
    }
    return weights;
}

} // namespace leyden
