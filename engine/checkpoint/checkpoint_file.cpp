// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_file.h"

#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/tensor_records.h"
#include "engine/checkpoint/with_file_name.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/core/errors.h"

#include <algorithm>
#include <string>
#include <utility>

namespace leyden {
namespace {
PickleValue to_pickle(const StateTree& state, const TensorRecords& records)
{
    if (state.is_bool())
        return {state.to_bool()};
    if (state.is_int())
        return {state.to_int()};
    if (state.is_double())
        return {state.to_double()};
    if (state.is_string())
        return {state.to_string()};
    if (state.is_tensor())
        return {records.describe(state.tensor())};
    if (state.is_list()) {
        PickleValue::List list{{}, state.as_list().is_tuple};
        list.items.reserve(state.size());
        for (const StateTree& item : state.items())
            list.items.push_back(to_pickle(item, records));
        return {std::move(list)};
    }
    if (state.is_dict()) {
        PickleValue::Dict dict{{}, state.as_dict().is_ordered_dict};
        dict.entries.reserve(state.size());
        for (const auto& [key, value] : state.entries())
            dict.entries.emplace_back(key, to_pickle(value, records));
        return {std::move(dict)};
    }
    return {};
}

class StateBuilder
{
public:
    /// tensors: null: None in their places.
    explicit StateBuilder(TensorLoader* tensors) : tensors_(tensors) { }

    StateTree build(PickleValue& value)
    {
        return std::visit([this](auto& plain) { return convert(plain); }, value.value);
    }

private:
    StateTree convert(std::monostate) { return nullptr; }
    StateTree convert(bool value) { return value; }
    StateTree convert(int64_t value) { return value; }
    StateTree convert(double value) { return value; }
    StateTree convert(std::string& text) { return std::move(text); }
    StateTree convert(const PickleTensor& tensor)
    {
        return tensors_ ? StateTree(tensors_->make(tensor)) : StateTree();
    }

    StateTree convert(PickleValue::List& list)
    {
        StateTree::List result{{}, list.is_tuple};
        result.items.reserve(list.items.size());
        for (PickleValue& item : list.items)
            result.items.push_back(build(item));
        return result;
    }

    StateTree convert(PickleValue::Dict& dict)
    {
        StateTree::Dict result{{}, dict.is_ordered_dict};
        result.entries.reserve(dict.entries.size());
        for (auto& [key, value] : dict.entries)
            result.entries.emplace_back(std::move(key), build(value));
        return result;
    }

    TensorLoader* tensors_;
};

/// The folder of the archive that holds everything, "archive/" or the name the file once had.
std::string root_folder(const ZipReader& archive)
{
    constexpr std::string_view name = "/data.pkl";
    for (const ZipReader::Record& record : archive.records()) {
        const size_t slash = record.name.find('/');
        if (slash != std::string_view::npos && record.name.substr(slash) == name)
            return std::string(record.name.substr(0, slash + 1));
    }
    throw CheckpointError("it is a zip archive, but no checkpoint of PyTorch (no data.pkl in it)");
}

void check_is_archive(ByteSource& file)
{
    const std::string bytes = file.text(0, std::min<uint64_t>(file.size(), 3));
    if (bytes.empty())
        throw CheckpointError("it is empty");
    if (bytes.starts_with("PK"))
        return;
    if (bytes == "\x80\x02\x8a")
        throw CheckpointError(
            "it has the format of PyTorch before 1.6; open it with torch.load and "
            "save it again with torch.save");
    throw CheckpointError("it is no checkpoint of PyTorch (not a zip archive)");
}
/// What the file describes, with descriptions in the places of tensors.
PickleValue read_values(const ZipReader& archive, const std::string& folder)
{
    if (archive.find(folder + "byteorder") != nullptr
        && archive.read(folder + "byteorder") != "little")
        throw CheckpointError("it was written on a big-endian machine");
    return read_pickle(archive.read(folder + "data.pkl"));
}
} // namespace

void encode_checkpoint(const StateTree& state, const FileSystem::Sink& write)
{
    TensorRecords records;
    records.add(state);

    ZipWriter archive(write);
    archive.add("archive/data.pkl", write_pickle(to_pickle(state, records)));
    archive.add("archive/.format_version", "1");
    archive.add("archive/.storage_alignment", "64");
    archive.add("archive/byteorder", "little");
    records.write(archive, "archive/data/");
    archive.add("archive/version", "3\n");
    archive.finish();
}

StateTree decode_checkpoint(std::string_view bytes)
{
    MemorySource source(bytes);
    return decode_checkpoint(source);
}

StateTree decode_checkpoint(ByteSource& file)
{
    check_is_archive(file);
    const ZipReader archive(file);
    const std::string folder = root_folder(archive);
    PickleValue values = read_values(archive, folder);
    TensorLoader tensors(archive, folder + "data/");
    auto state = StateBuilder(&tensors).build(values);
    tensors.read();
    return state;
}

void save_checkpoint_file(FileSystem& files, const FileSystem::path& file, const StateTree& state)
{
    with_file_name("write the checkpoint", file, [&] {
        if (file.has_parent_path())
            files.create_directories(file.parent_path());
        files.write_atomic_stream(
            file, [&](const FileSystem::Sink& write) { encode_checkpoint(state, write); });
    });
}

StateTree load_checkpoint_outline(FileSystem& files, const FileSystem::path& file)
{
    return with_file_name("read the checkpoint", file, [&] {
        const auto source = files.open_read(file);
        check_is_archive(*source);
        const ZipReader archive(*source);
        PickleValue values = read_values(archive, root_folder(archive));
        return StateBuilder(nullptr).build(values);
    });
}

StateTree load_checkpoint_file(FileSystem& files, const FileSystem::path& file)
{
    return with_file_name(
        "read the checkpoint", file, [&] { return decode_checkpoint(*files.open_read(file)); });
}

} // namespace leyden
