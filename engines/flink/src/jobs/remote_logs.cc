// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "streampark/base/http_client.h"
#include "streampark/base/json.h"
#include "streampark/engines/log_file.h"

#include "jobs/flink_jobs.h"
#include "jobs/overview_answers.h"

/// Logs of clusters that others run. A log's id is its path below the cluster's root without
/// "/logs": `jobmanager/NAME` or `taskmanagers/ID/NAME`.
namespace streampark::flink {
namespace {

constexpr std::string_view kJobManagerPrefix = "jobmanager/";
constexpr std::string_view kTaskManagersPrefix = "taskmanagers/";

struct LogPlace {
  std::string process;  // jobmanager, taskmanagers/ID (encoded)
  std::string name;
};

std::optional<LogPlace> PlaceOf(std::string_view log_id) {
  LogPlace place;
  if (log_id.starts_with(kJobManagerPrefix)) {
    place.process = "/jobmanager";
    place.name = log_id.substr(kJobManagerPrefix.size());
  } else if (log_id.starts_with(kTaskManagersPrefix)) {
    log_id.remove_prefix(kTaskManagersPrefix.size());
    const std::size_t slash = log_id.find('/');
    if (slash == 0 || slash == std::string_view::npos) {
      return std::nullopt;
    }
    place.process = "/taskmanagers/" + base::UrlEncode(log_id.substr(0, slash));
    place.name = log_id.substr(slash + 1);
  }
  if (place.name.empty() || place.name.find('/') != std::string::npos || place.name == "..") {
    return std::nullopt;
  }
  return place;
}

void Append(std::vector<engines::LogFile> of_process, std::string_view id_prefix,
            std::string_view role, std::string_view title_prefix,
            std::vector<engines::LogFile>& files) {
  for (engines::LogFile& file : of_process) {
    file.id = std::string(id_prefix) + file.title;
    file.title.insert(0, title_prefix);
    file.role = role;
    files.push_back(std::move(file));
  }
}

}  // namespace

base::Result<std::vector<engines::LogFile>> FlinkJobs::ListLogs(const engines::Endpoint& cluster,
                                                                std::stop_token stop) {
  const base::SteadyTime end = rest_.EndOfLook();
  std::vector<engines::LogFile> files;
  Append(SP_TRY(ReadLogList(SP_TRY(rest_.Get(cluster, "/jobmanager/logs", end, stop)))),
         kJobManagerPrefix, "JOB_MANAGER", "", files);
  const auto managers =
      SP_TRY(ReadTaskManagers(SP_TRY(rest_.Get(cluster, "/taskmanagers", end, stop))));
  for (const engines::TaskManagerObservation& manager : managers) {
    const auto answer =
        rest_.Get(cluster, "/taskmanagers/" + base::UrlEncode(manager.id) + "/logs", end, stop);
    if (!answer.ok() && answer.error().code() == base::ErrorCode::kCancelled) {
      return answer.error();
    }
    if (!answer.ok()) {  // one that does not answer must not hide the others
      continue;
    }
    if (auto list = ReadLogList(*answer); list.ok()) {
      Append(std::move(list).value(), std::string(kTaskManagersPrefix) + manager.id + "/",
             "TASK_MANAGER", manager.address + " ", files);
    }
  }
  return files;
}

base::Result<engines::LogPiece> FlinkJobs::ReadLog(const engines::Endpoint& cluster,
                                                   std::string_view log_id,
                                                   std::optional<std::int64_t> offset,
                                                   std::int64_t bytes, std::stop_token stop) {
  const auto place = PlaceOf(log_id);
  if (!place) {
    return base::Error(base::ErrorCode::kNotFound, "there is no log '" + std::string(log_id) + "'");
  }
  const auto list = SP_TRY(ReadLogList(SP_TRY(rest_.Get(cluster, place->process + "/logs", stop))));
  const auto file = std::find_if(list.begin(), list.end(), [&](const engines::LogFile& one) {
    return one.title == place->name;
  });
  if (file == list.end()) {
    return base::Error(base::ErrorCode::kNotFound, "there is no log '" + std::string(log_id) + "'");
  }
  engines::LogPiece piece;
  piece.size_bytes = file->size_bytes;
  const std::int64_t wanted = std::clamp<std::int64_t>(bytes, 0, engines::kLongestPiece);
  if (offset && *offset > piece.size_bytes) {  // rotated since: begin with the new file
    offset = 0;
  }
  piece.offset = std::max<std::int64_t>(0, offset.value_or(piece.size_bytes - wanted));
  // Flink sends whole files only: what comes before is read and dropped, what comes after is not
  // read.
  std::int64_t skip = piece.offset;
  const auto take = [&](std::string_view data) {
    const auto dropped = std::min<std::int64_t>(skip, static_cast<std::int64_t>(data.size()));
    data.remove_prefix(static_cast<std::size_t>(dropped));
    skip -= dropped;
    const auto room = static_cast<std::size_t>(wanted) - piece.text.size();
    piece.text.append(data.substr(0, room));
    return piece.text.size() < static_cast<std::size_t>(wanted);
  };
  if (wanted > 0) {
    SP_TRY(rest_.Stream(cluster, place->process + "/logs/" + base::UrlEncode(place->name), take,
                        stop));
  }
  engines::TrimToWholeCharacters(piece);
  piece.size_bytes = std::max(piece.size_bytes, piece.next_offset);
  return piece;
}

}  // namespace streampark::flink
