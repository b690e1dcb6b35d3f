// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/upload_inspection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <elf.h>

#include "streampark/base/files.h"
#include "streampark/console/jobs/jar_inspection.h"

namespace streampark::console {
namespace {

// The one function that a library of a job shows: core's job_library_abi.h.
constexpr std::string_view kJobFunction("streampark_job\0", 15);
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#endif

base::Error NotALibrary(const std::string& why) {
  return base::Error(base::ErrorCode::kLibraryInvalid, "the file is not a job library: " + why)
      .WithHint(
          "upload the lib….so that `streampark_add_job` builds, for this machine's processor");
}

/// Whether the text stands in the file, wherever.
bool Contains(std::ifstream& in, std::string_view text) {
  std::string buffer;
  std::array<char, 1U << 16U> piece{};
  while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
    buffer.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (buffer.find(text) != std::string::npos) {
      return true;
    }
    buffer.erase(0, buffer.size() - std::min(buffer.size(), text.size()));
  }
  return false;
}

base::Status CheckLibrary(std::ifstream& in) {
  Elf64_Ehdr head{};
  in.seekg(0);
  if (!in.read(reinterpret_cast<char*>(&head), sizeof head)) {
    return NotALibrary("it is cut short");
  }
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB ||
      head.e_machine != kMachine) {
    return NotALibrary("it was built for another processor");
  }
  if (head.e_type != ET_DYN) {
    return NotALibrary("it is a program, or a part of one");
  }
  if (!Contains(in, kJobFunction)) {
    return NotALibrary("it has no SP_JOB");
  }
  return base::Ok();
}

}  // namespace

std::string_view ToString(ResourceKind kind) {
  return kind == ResourceKind::kLibrary ? "LIBRARY" : "JAR";
}

base::Result<UploadInspection> InspectUpload(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, SELFMAG> magic{};
  if (!in) {
    return base::FileError(errno, "cannot read", file);
  }
  if (in.read(magic.data(), magic.size()) && std::memcmp(magic.data(), ELFMAG, SELFMAG) == 0) {
    SP_TRY(CheckLibrary(in));
    return UploadInspection{.kind = ResourceKind::kLibrary, .factories = {}};
  }
  return UploadInspection{.kind = ResourceKind::kJar,
                          .factories = SP_TRY(InspectJar(file)).factories};
}

}  // namespace streampark::console
