// SPDX-License-Identifier: Apache-2.0
// streampark new: a project of a C++ job that builds and tests itself at once.
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "streampark/base/files.h"
#include "streampark/base/process.h"

#include "commands.h"
#include "project_template.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Ok;
using base::Status;

struct NewArguments {
  std::string name;
  std::filesystem::path folder;
  bool no_build = false;
};

/// Where this program's headers and libraries are; empty when it was not installed with them.
std::filesystem::path SdkFolder() {
  std::error_code unused;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unused);
  const auto prefix = program.parent_path().parent_path();
  return std::filesystem::exists(prefix / "lib/cmake/StreamPark", unused) ? prefix
                                                                          : std::filesystem::path();
}

Status WriteProject(const ProjectNames& names, const std::filesystem::path& folder) {
  for (const TemplateFile& file : CppTemplate()) {
    // A file of that name in our own tree would hide what belongs to it.
    const std::string path =
        file.path == "gitignore" ? std::string(".gitignore") : names.PutInto(file.path);
    std::error_code failed;
    std::filesystem::create_directories((folder / path).parent_path(), failed);
    if (failed) {
      return base::FileError(failed.value(), "making the folder of", folder / path);
    }
    SP_TRY(base::WriteFileAtomically(folder / path, names.PutInto(file.text)));
  }
  return Ok();
}

Status RunStep(const char* what, std::vector<std::string> argv) {
  constexpr base::Millis kDeadline = std::chrono::minutes(30);
  PrintNotice(std::string("-- ") + what);
  const auto ran = SP_TRY(base::RunCommand({.argv = std::move(argv)}, kDeadline, {},
                                           [](std::string_view line) { PrintNotice(line); }));
  if (ran.exit_code != 0) {
    return Error(ErrorCode::kReleaseFailed, std::string(what) + " failed")
        .WithCause(ran.errors.empty() ? ran.output : ran.errors);
  }
  return Ok();
}

Status New(const NewArguments& arguments) {
  const auto names = SP_TRY(ProjectNames::Of(arguments.name));
  const std::filesystem::path folder =
      arguments.folder.empty() ? std::filesystem::path(names.name) : arguments.folder;
  std::error_code unused;
  if (std::filesystem::exists(folder, unused) && !std::filesystem::is_empty(folder, unused)) {
    return Error(ErrorCode::kNameTaken, folder.string() + " is there already, and not empty")
        .WithHint("name another with --directory");
  }
  SP_TRY(WriteProject(names, folder));
  const auto sdk = SdkFolder();
  const std::string build = (folder / "build").string();
  std::vector<std::string> configure = {"cmake", "-S", folder.string(), "-B", build};
  if (!sdk.empty()) {
    configure.push_back("-DCMAKE_PREFIX_PATH=" + sdk.string());
  }
  if (arguments.no_build) {
    PrintNotice(folder.string() + " is made");
    return Ok();
  }
  if (sdk.empty()) {
    return Error(ErrorCode::kNotFound,
                 folder.string() +
                     " is made, and not built: this program came without StreamPark's "
                     "headers and libraries")
        .WithHint(
            "./sp sdk makes a folder with all of them; then build with "
            "-DCMAKE_PREFIX_PATH=FOLDER");
  }
  SP_TRY(RunStep("configuring", std::move(configure)));
  SP_TRY(RunStep("building", {"cmake", "--build", build}));
  SP_TRY(RunStep("testing", {"ctest", "--test-dir", build, "--output-on-failure"}));
  PrintNotice("it is built and tested; run it there:");
  Print("cd " + folder.string() + " && streampark run build/lib" + names.target + ".so");
  return Ok();
}

}  // namespace

void AddNewCommand(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<NewArguments>();
  CLI::App* create = app.add_subcommand("new", "Make a project of a C++ job, build it and test it");
  create->add_option("NAME", arguments->name, "Like carrier-delays")->required();
  create->add_option("--directory", arguments->folder,
                     "Where to; by default a folder of that name");
  create->add_flag("--no-build", arguments->no_build, "Only write the files");
  create->callback([=, &invocation] { invocation.action = [=] { return New(*arguments); }; });
}

}  // namespace streampark::cli
