// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/server_process.h"

#include <csignal>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "streampark/base/check.h"
#include "streampark/base/descriptor.h"

namespace streampark::connectors::testing {
namespace {

using namespace std::chrono_literals;

std::optional<base::OsUser> WhoRunsIt(ServerProcess::RunAs run_as) {
  return run_as == ServerProcess::RunAs::kNobody && base::MaySwitchUser()
             ? base::FindOsUser("nobody").value()
             : std::nullopt;
}

base::TemporaryFolder FolderOf(const std::optional<base::OsUser>& user) {
  const std::filesystem::path memory = "/dev/shm";
  auto folder =
      base::TemporaryFolder::Create(std::filesystem::is_directory(memory) ? memory : "").value();
  if (user) {
    base::GiveFolderTo(*user, folder.path()).value();
  }
  return folder;
}

}  // namespace

std::uint16_t FreePort() {
  const base::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  SP_CHECK(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  SP_CHECK(::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(int end_signal, RunAs run_as)
    : end_signal_(end_signal), user_(WhoRunsIt(run_as)), folder_(FolderOf(user_)) {}

ServerProcess::~ServerProcess() {
  if (process_) {
    base::Signal(process_->id(), end_signal_);
  }
}

base::Command ServerProcess::CommandOf(std::vector<std::string> argv) const {
  return {.argv = std::move(argv), .working_directory = folder_.path(), .user = user_};
}

void ServerProcess::Prepare(std::vector<std::string> argv) const {
  const auto made = base::RunCommand(CommandOf(std::move(argv)), base::Millis(120'000));
  SP_CHECK(made.ok() && made->exit_code == 0);
}

void ServerProcess::Start(std::vector<std::string> argv, const std::function<bool()>& answers) {
  process_ = std::make_unique<base::ChildProcess>(
      base::ChildProcess::Start(CommandOf(std::move(argv)), folder_.path() / "log").value());
  for (int tries = 0; tries < 1'200 && !answers(); ++tries) {
    SP_CHECK(base::IsAlive(process_->id()));
    std::this_thread::sleep_for(50ms);
  }
  SP_CHECK(answers());
}

void ServerProcess::Kill() {
  base::Signal(process_->id(), SIGKILL);
  process_.reset();  // waits for its end
}

void ServerProcess::Signal(int signal_number) const {
  SP_CHECK(base::Signal(process_->id(), signal_number));
}

}  // namespace streampark::connectors::testing
