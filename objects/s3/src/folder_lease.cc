// SPDX-License-Identifier: Apache-2.0
#include "folder_lease.h"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"
#include "streampark/base/random.h"

namespace streampark::objects::s3 {
namespace {

using base::Error;
using base::ErrorCode;

constexpr base::Millis kLookPace{1'000};
constexpr base::Millis kPartingPatience{2'000};
constexpr int kMostConflicts = 10;

/// Two processes with the same one see each other by their ids.
std::string ThisSystem() {
  const auto boot = base::ReadFile("/proc/sys/kernel/random/boot_id", 100);
  std::error_code failed;
  const auto names = std::filesystem::read_symlink("/proc/self/ns/pid", failed).string();
  return boot.ok() && !failed ? boot->substr(0, boot->find('\n')) + " " + names : "";
}

std::string ThisHost() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "?";
}

void Pause(base::Millis pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, pause, [] { return false; });
}

}  // namespace

std::string FolderLease::ToText(const Said& said) {
  json::object text{{"owner", said.owner}, {"host", said.host},         {"system", said.system},
                    {"pid", said.pid},     {"start", said.start_ticks}, {"beat", said.beat}};
  if (said.mark) {
    text["newest"] = *said.mark;
  }
  return json::serialize(text);
}

FolderLease::Said FolderLease::FromText(std::string_view text) {
  const auto parsed = json::Parse(text);
  Said said;
  if (!parsed.ok() || !parsed->is_object()) {
    said.owner = "?";  // somebody's, who is not known
    return said;
  }
  const json::object& object = parsed->get_object();
  said.owner = json::StringOr(object, "owner");
  said.host = json::StringOr(object, "host");
  said.system = json::StringOr(object, "system");
  said.pid = static_cast<int>(json::IntegerOr(object, "pid"));
  said.start_ticks = static_cast<std::uint64_t>(json::IntegerOr(object, "start"));
  said.beat = static_cast<std::uint64_t>(json::IntegerOr(object, "beat"));
  if (const auto newest = json::FindInteger(object, "newest")) {
    said.mark = static_cast<std::uint64_t>(*newest);
  }
  return said;
}

FolderLease::FolderLease(S3Client& client, std::string key, base::Millis lease)
    : client_(client), key_(std::move(key)), lease_(lease) {
  base::SecureRandom random;
  tag_ = base::RandomHex(random, 6);
  const auto self = base::Identify(::getpid());
  said_ = {.owner = tag_,
           .host = ThisHost(),
           .system = ThisSystem(),
           .pid = ::getpid(),
           .start_ticks = self ? self->start_ticks : 0,
           .beat = 0,
           .mark = std::nullopt};
}

base::Result<std::unique_ptr<FolderLease>> FolderLease::Take(S3Client& client, std::string key,
                                                             base::Millis lease,
                                                             const std::stop_token& stop) {
  std::unique_ptr<FolderLease> taken(new FolderLease(client, std::move(key), lease));
  SP_TRY(taken->TakeFrom(stop));
  taken->ours_ = true;
  SP_TRY(taken->FindWeakness(stop));
  taken->stop_ = stop;
  taken->renewing_ =
      std::jthread([raw = taken.get()](const std::stop_token& ended) { raw->Renew(ended); });
  return taken;
}

Error FolderLease::InUse(const Said& by) const {
  return Error(ErrorCode::kDataFolderInUse,
               client_.NameOf(key_.substr(0, key_.size() - std::string_view("/_lock").size())) +
                   " is in use by process " + std::to_string(by.pid) + " of the machine " +
                   by.host + ".")
      .WithHint(
          "one process at a time: end that one, or give this one another folder. A process "
          "that has died on another machine is waited for, " +
          base::FormatDuration(lease_) + " from its last sign of life");
}

base::Status FolderLease::TakeFrom(const std::stop_token& stop) {
  std::string watched;
  base::SteadyTime until{};
  for (int conflicts = 0; conflicts < kMostConflicts;) {
    const auto seen = SP_TRY(Look(stop));
    etag_ = seen ? seen->etag : "";
    if (seen) {
      const Said& by = seen->said;
      const bool given_back = by.owner.empty();
      const bool here = !by.system.empty() && by.system == said_.system;
      if (!given_back && here && base::IsAlive({.pid = by.pid, .start_ticks = by.start_ticks})) {
        return InUse(by);
      }
      if (!given_back && !here) {
        const auto now = std::chrono::steady_clock::now();
        if (watched.empty()) {
          watched = seen->etag;
          until = now + std::max(lease_ - seen->age, base::Millis(0));
        } else if (watched != seen->etag) {
          return InUse(by);
        }
        if (now < until) {
          Pause(std::min(kLookPace, std::chrono::ceil<base::Millis>(until - now)), stop);
          continue;
        }
      }
    }
    said_.mark = seen ? seen->said.mark : std::nullopt;
    ++said_.beat;
    if (SP_TRY(Write(stop))) {
      return base::Ok();
    }
    ++conflicts;  // somebody was faster: look again who
  }
  return Error(ErrorCode::kDataFolderInUse,
               "Others take " + client_.NameOf(key_) + " again and again.");
}

base::Result<std::optional<FolderLease::Seen>> FolderLease::Look(
    const std::stop_token& stop, std::optional<base::Millis> patience) {
  const S3Client::Request request{.key = key_, .expected = {404}, .patience = patience};
  const auto response = SP_TRY(client_.Send(request, stop));
  if (response.status == 404) {
    const std::string code = ReadRefusal(response.body).code;
    if (!code.empty() && code != "NoSuchKey") {
      return client_.ErrorOf(request, response);  // the bucket is not there, or who asks is nobody
    }
    return std::optional<Seen>();
  }
  Seen seen{.said = FromText(response.body), .etag = std::string(response.header("etag"))};
  const auto now = ReadHttpDate(response.header("date"));
  const auto written = ReadHttpDate(response.header("last-modified"));
  if (now && written) {
    seen.age = std::max(base::Millis(0), base::Millis(*now - *written));
  }
  return std::optional(std::move(seen));
}

base::Result<bool> FolderLease::Write(const std::stop_token& stop,
                                      std::optional<base::Millis> patience) {
  const std::string text = ToText(said_);
  S3Client::Request request{.method = "PUT",
                            .key = key_,
                            .body = text,
                            .expected = {404, 412, 501},
                            .patience = patience};
  if (weakness_.empty()) {
    request.headers = {etag_.empty() ? std::pair<std::string, std::string>("if-none-match", "*")
                                     : std::pair<std::string, std::string>("if-match", etag_)};
  } else if (const auto seen = SP_TRY(Look(stop, patience));
             seen && seen->etag != etag_ && seen->said.owner != said_.owner) {
    return false;
  }
  auto response = SP_TRY(client_.Send(request, stop));
  if (response.status == 501) {
    request.headers.clear();
    response = SP_TRY(client_.Send(request, stop));
  }
  if (response.status / 100 == 2) {
    etag_ = response.header("etag");
    return true;
  }
  // It may be ours: the answer to an earlier try was lost.
  const auto seen = SP_TRY(Look(stop, patience));
  if (seen && seen->said.owner == said_.owner && seen->said.beat == said_.beat) {
    etag_ = seen->etag;
    return true;
  }
  if (seen && seen->said.owner == said_.owner) {
    // An earlier write of ours of which nobody heard.
    etag_ = seen->etag;
    return Write(stop, patience);
  }
  return false;
}

// Two requests that must be refused.
base::Status FolderLease::FindWeakness(const std::stop_token& stop) {
  const std::string text = ToText(said_);
  for (const auto& condition :
       {std::pair<std::string, std::string>("if-none-match", "*"),
        std::pair<std::string, std::string>("if-match", "\"00000000000000000000000000000000\"")}) {
    const auto response = SP_TRY(client_.Send({.method = "PUT",
                                               .key = key_,
                                               .headers = {condition},
                                               .body = text,
                                               .expected = {400, 404, 412, 501}},
                                              stop));
    if (response.status / 100 == 2) {
      etag_ = response.header("etag");
    }
    if (response.status != 412) {
      weakness_ = "the store at " + client_.settings().endpoint +
                  " does not heed conditions of writes (" + condition.first +
                  "): two processes that are started in the same moment may both use the folder";
    }
  }
  return base::Ok();
}

base::Status FolderLease::WriteOrLose(const std::stop_token& stop,
                                      std::optional<base::Millis> patience) {
  if (lost_) {
    return Error(*lost_);
  }
  ++said_.beat;
  if (SP_TRY(Write(stop, patience))) {
    return base::Ok();
  }
  const auto seen = Look(stop, patience);
  lost_ = Error(ErrorCode::kDataFolderInUse,
                "Another process has taken " + client_.NameOf(key_) +
                    " from this one, which had not renewed it for " + base::FormatDuration(lease_) +
                    (seen.ok() && *seen ? ": process " + std::to_string((*seen)->said.pid) +
                                              " of the machine " + (*seen)->said.host + "."
                                        : "."))
              .WithHint("the other one goes on with the job; end it if this one is to");
  return Error(*lost_);
}

base::Status FolderLease::Confirm() {
  const std::lock_guard lock(mutex_);
  return WriteOrLose(stop_);
}

base::Status FolderLease::Mark(std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  const auto before = std::exchange(said_.mark, mark);
  auto written = WriteOrLose(stop_);
  if (!written.ok()) {
    said_.mark = before;
  }
  return written;
}

std::optional<std::uint64_t> FolderLease::mark() const {
  const std::lock_guard lock(mutex_);
  return said_.mark;
}

void FolderLease::Renew(const std::stop_token& ended) {
  while (true) {
    Pause(lease_ / 3, ended);
    if (ended.stop_requested()) {
      return;
    }
    const std::lock_guard lock(mutex_);
    // What fails is tried again a third of a lease later; what is lost the next Confirm tells.
    static_cast<void>(WriteOrLose(ended, lease_ / 3));
    if (lost_) {
      return;
    }
  }
}

FolderLease::~FolderLease() {
  renewing_.request_stop();
  if (renewing_.joinable()) {
    renewing_.join();
  }
  if (!ours_ || lost_) {
    return;
  }
  const bool tells_of_nothing = said_.mark.value_or(0) == 0;
  if (!tells_of_nothing) {
    said_.owner.clear();
  }
  ++said_.beat;
  const auto ours = Write({}, kPartingPatience);
  if (tells_of_nothing && ours.ok() && *ours) {
    static_cast<void>(client_.Send(
        {.method = "DELETE", .key = key_, .expected = {404}, .patience = kPartingPatience}, {}));
  }
}

}  // namespace streampark::objects::s3
