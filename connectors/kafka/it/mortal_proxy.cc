// SPDX-License-Identifier: Apache-2.0
#include "mortal_proxy.h"

#include <algorithm>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streampark/base/check.h"

#include "running_kafka.h"
#include "wire_bytes.h"

namespace streampark::connectors::kafka::it {
namespace {

constexpr std::int16_t kCounted[] = {0 /*Produce*/, 22 /*InitProducerId*/, 24 /*AddPartitions*/,
                                     26 /*EndTxn*/, 65 /*Describe*/,       66 /*List*/};

sockaddr_in At(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(port);
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  return address;
}

/// Takes what there is; false when the other side has gone.
bool ReadSome(int socket, std::string& to) {
  char bytes[65'536];
  const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
  to.append(bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return got > 0;
}

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// The size of the first message in `bytes` with its own size; 0 when it is not whole.
std::size_t WholeMessage(const std::string& bytes) {
  WireReader in(bytes);
  const auto size = in.Number<std::int32_t>();
  return in.failed() || in.rest().size() < static_cast<std::size_t>(size)
             ? 0
             : static_cast<std::size_t>(size) + 4;
}

}  // namespace

MortalProxy::MortalProxy() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = At(ProxyPort());
  SP_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  SP_CHECK(::listen(listener_, 16) == 0);
  SP_CHECK(::pipe(ends_) == 0);
  thread_ = std::jthread([this] { Serve(); });
}

MortalProxy::~MortalProxy() {
  ::close(ends_[1]);
  thread_.join();
  ::close(ends_[0]);
  ::close(listener_);
}

void MortalProxy::Arm(int dies_at, When when) {
  const std::lock_guard lock(mutex_);
  left_ = dies_at;
  seen_ = 0;
  when_ = when;
  process_ = 0;
}

void MortalProxy::Aim(pid_t process) {
  {
    const std::lock_guard lock(mutex_);
    process_ = process;
  }
  aimed_.notify_all();
}

int MortalProxy::requests() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void MortalProxy::Serve() {
  for (;;) {
    std::vector<pollfd> waited = {{.fd = ends_[0], .events = POLLIN, .revents = 0},
                                  {.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Link& link : links_) {
      waited.push_back({.fd = link.client, .events = POLLIN, .revents = 0});
      waited.push_back({.fd = link.broker, .events = POLLIN, .revents = 0});
    }
    ::poll(waited.data(), waited.size(), -1);
    if (waited[0].revents != 0) {
      break;
    }
    std::size_t at = 2;
    for (Link& link : links_) {
      if (waited[at++].revents != 0) {
        TakeRequests(link);
      }
      if (waited[at++].revents != 0 && !link.over) {
        TakeAnswers(link);
      }
    }
    std::erase_if(links_, [](const Link& link) {
      if (link.over) {
        ::close(link.client);
        ::close(link.broker);
      }
      return link.over;
    });
    if (waited[1].revents != 0) {
      Accept();
    }
  }
  for (const Link& link : links_) {
    ::close(link.client);
    ::close(link.broker);
  }
}

void MortalProxy::Accept() {
  Link link;
  link.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  link.broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = At(ProxiedPort());
  link.over =
      ::connect(link.broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
  links_.push_back(std::move(link));
}

bool MortalProxy::IsFatal(std::int16_t key) {
  if (std::ranges::find(kCounted, key) == std::end(kCounted)) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  ++seen_;
  return left_-- == 0;
}

void MortalProxy::Kill() {
  std::unique_lock lock(mutex_);
  aimed_.wait(lock, [this] { return process_ != 0; });
  ::kill(process_, SIGKILL);
}

void MortalProxy::TakeRequests(Link& link) {
  link.over = !ReadSome(link.client, link.asked);
  while (const std::size_t size = WholeMessage(link.asked)) {
    WireReader in(link.asked);
    in.Number<std::int32_t>();
    const auto key = in.Number<std::int16_t>();
    in.Number<std::int16_t>();
    const auto id = in.Number<std::int32_t>();
    if (IsFatal(key)) {
      if (when_ == When::kBeforeTheBroker) {
        Kill();
        link.over = true;
        return;
      }
      link.awaited = id;
    }
    link.over |= !SendAll(link.broker, std::string_view(link.asked).substr(0, size));
    link.asked.erase(0, size);
  }
}

void MortalProxy::TakeAnswers(Link& link) {
  link.over = !ReadSome(link.broker, link.answered);
  while (const std::size_t size = WholeMessage(link.answered)) {
    WireReader in(link.answered);
    in.Number<std::int32_t>();
    if (link.awaited == in.Number<std::int32_t>()) {
      Kill();
      link.over = true;
      return;
    }
    link.over |= !SendAll(link.client, std::string_view(link.answered).substr(0, size));
    link.answered.erase(0, size);
  }
}

}  // namespace streampark::connectors::kafka::it
