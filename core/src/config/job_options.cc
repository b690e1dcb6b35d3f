// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/job_options.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>

#include "streampark/base/base64.h"
#include "streampark/base/files.h"
#include "streampark/base/json.h"

namespace streampark::core {

namespace {

/// Appends to a file, up to a number.
class KeptDirtyRecords final : public DirtyRecords {
 public:
  KeptDirtyRecords(std::filesystem::path file, std::int64_t most)
      : file_(std::move(file)), most_(most) {}

  void Take(const std::string& operator_name, const connectors::DirtyRecord& record) override {
    const std::lock_guard lock(mutex_);
    if (kept_ >= most_) {
      throw TaskFailure(base::Error(base::ErrorCode::kValidationFailed,
                                    "More than " + std::to_string(most_) +
                                        " records could not be taken; the last by '" +
                                        operator_name + "': " + record.reason + " (" +
                                        record.where + ")")
                            .WithHint("see " + file_.string() + ", or raise native.dirty.most"));
    }
    if (!out_.is_open()) {
      out_.open(file_, std::ios::app | std::ios::binary);
    }
    out_ << json::serialize(
                json::object{{"operator", operator_name},
                             {"where", record.where},
                             {"reason", record.reason},
                             {"bytes", base::ToBase64(record.bytes, base::Base64::kStandard)}})
         << '\n';
    out_.flush();
    if (!out_) {
      throw TaskFailure(base::FileError(errno, "keeping a dirty record in", file_));
    }
    ++kept_;
  }

 private:
  const std::filesystem::path file_;
  const std::int64_t most_;
  std::mutex mutex_;
  std::ofstream out_;
  std::int64_t kept_ = 0;
};

base::Result<objects::Location> LocationOf(const JobConfig& config,
                                           const connectors::OptionValues& values,
                                           const std::string& name) {
  auto location = objects::Location::Parse(values.String(name));
  if (!location.ok()) {
    return std::move(location).error().Annotate("native." + name +
                                                config.OriginOf("native." + name));
  }
  return location;
}

/// The job's own, below the one that is named.
base::Result<objects::Location> FolderOf(const JobConfig& config,
                                         const connectors::OptionValues& values,
                                         const std::string& name, std::string_view job) {
  return SP_TRY(LocationOf(config, values, name)).Below(job);
}

objects::S3Options S3OptionsFrom(const connectors::OptionValues& values) {
  objects::S3Options options;
  const auto take = [&](const char* name, auto& into) {
    if (values.Has(name)) {
      into = values.String(name);
    }
  };
  take("s3.endpoint", options.endpoint);
  take("s3.region", options.region);
  take("s3.access-key-id", options.access_key_id);
  take("s3.secret-access-key", options.secret_access_key);
  take("s3.session-token", options.session_token);
  take("s3.ca-file", options.ca_file);
  take("s3.library", options.library);
  if (values.Has("s3.path-style")) {
    options.path_style = values.Boolean("s3.path-style");
  }
  options.deadline = values.Duration("s3.deadline");
  options.patience = values.Duration("s3.patience");
  options.lease = values.Duration("s3.lease");
  options.part_bytes = static_cast<std::size_t>(values.Size("s3.part-size"));
  return objects::WithEnvironment(std::move(options));
}

}  // namespace

const connectors::OptionTable& NativeOptionTable() {
  using enum connectors::OptionKind;
  static const connectors::OptionTable kTable({
      {.name = "parallelism",
       .kind = kInteger,
       .text = "Subtasks of each operator that says nothing else.",
       .fallback = "1",
       .least = 1,
       .most = 1024},
      {.name = "key-groups",
       .kind = kInteger,
       .text = "Parts into which keyed state is cut, and so the highest parallelism. Fixed when a "
               "job first starts.",
       .fallback = "128",
       .least = 1,
       .most = 32768},
      {.name = "checkpoint.interval",
       .kind = kDuration,
       .text = "How often a checkpoint is taken; without it there is none but the last.",
       .least = 1},
      {.name = "checkpoint.directory",
       .kind = kString,
       .text = "A folder for the checkpoints of jobs, of this machine or `s3://BUCKET/PREFIX`; "
               "each has its own below it. Without it they are kept in memory."},
      {.name = "checkpoint.timeout",
       .kind = kDuration,
       .text = "A checkpoint that takes longer is given up.",
       .fallback = "10m",
       .least = 1},
      {.name = "checkpoint.keep",
       .kind = kInteger,
       .text = "How many complete checkpoints are kept.",
       .fallback = "3",
       .least = 1,
       .most = 1000},
      {.name = "restore-from",
       .kind = kString,
       .text = "The folder of a savepoint or checkpoint to begin from when the job's own folder "
               "has none; `s3://…` too."},
      {.name = "restore-ignore-unclaimed",
       .kind = kBoolean,
       .text = "Whether state of the checkpoint that no operator of the job takes is let go, with "
               "what a sink that is gone had yet to commit. Else it is an error.",
       .fallback = "false"},
      {.name = "savepoint.directory",
       .kind = kString,
       .text =
           "Where a job that is told to end (SIGTERM, Ctrl-C) leaves a savepoint, on this machine "
           "or in a bucket; each job has its own folder below it. Without it the job ends as it "
           "is, and goes on from its newest checkpoint."},
      {.name = "s3.endpoint",
       .kind = kString,
       .text = "The address of a store that speaks S3, `https://HOST[:PORT]`; `http://` is not "
               "encrypted. Without it AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, and else AWS."},
      {.name = "s3.region",
       .kind = kString,
       .text = "The region of the buckets. Without it AWS_REGION or AWS_DEFAULT_REGION, and else "
               "us-east-1."},
      {.name = "s3.access-key-id",
       .kind = kSecret,
       .text = "Who the job is to the store. Without it AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY "
               "and AWS_SESSION_TOKEN."},
      {.name = "s3.secret-access-key",
       .kind = kSecret,
       .text = "The secret of that access key: `${secret:NAME}` or `${env:NAME}`."},
      {.name = "s3.session-token", .kind = kSecret, .text = "The token of temporary keys."},
      {.name = "s3.path-style",
       .kind = kBoolean,
       .text = "Whether the bucket stands in the path of an address instead of in its host's name. "
               "Without it: where there is an endpoint, or the bucket's name has a dot."},
      {.name = "s3.ca-file",
       .kind = kString,
       .text = "Certificates, as PEM, by which the store is known. Without it AWS_CA_BUNDLE, and "
               "else the system's."},
      {.name = "s3.deadline",
       .kind = kDuration,
       .text = "The longest that one request may take.",
       .fallback = "30s",
       .least = 1},
      {.name = "s3.patience",
       .kind = kDuration,
       .text = "How long a request is tried again when the store does not answer or is busy, with "
               "growing pauses, before what it was for has failed.",
       .fallback = "60s",
       .least = 0},
      {.name = "s3.lease",
       .kind = kDuration,
       .text = "A job that has not renewed its hold of its folder for so long has lost it to "
               "whoever wants it; renewed at each third. On the machine of a process that has "
               "died nobody waits for it.",
       .fallback = "30s",
       .least = 1'000},
      {.name = "s3.part-size",
       .kind = kSize,
       .text = "What is bigger is sent in parts of this size; each of up to four threads that send "
               "has two in memory.",
       .fallback = "8MiB",
       .least = 5 << 20},
      {.name = "s3.library",
       .kind = kString,
       .text = "The library that speaks S3. Without it, the one beside the program."},
      {.name = "status.listen",
       .kind = kString,
       .text =
           "An address in numbers and a port, `127.0.0.1:9249`, where `/status`, `/metrics` (for "
           "Prometheus), `/plan` and `/healthz` are answered over HTTP; port 0 takes a free one. "
           "Whoever reaches it may read. Without it there is none."},
      {.name = "status.rows",
       .kind = kBoolean,
       .text = "Whether `/rows` shows the next rows that an operator gives, to whoever reaches the "
               "address.",
       .fallback = "false"},
      {.name = "restart.attempts",
       .kind = kInteger,
       .text = "Restarts in a row without a checkpoint between them before the job fails for good.",
       .fallback = "3",
       .least = 0},
      {.name = "restart.pause",
       .kind = kDuration,
       .text = "The pause before the first restart; it doubles with each.",
       .fallback = "1s",
       .least = 0},
      {.name = "restart.longest-pause",
       .kind = kDuration,
       .text = "The longest pause between restarts.",
       .fallback = "1m",
       .least = 0},
      {.name = "channel-batches",
       .kind = kInteger,
       .text = "Batches of 1,024 rows that wait between two subtasks before the sender waits.",
       .fallback = "8",
       .least = 1,
       .most = 1024},
      {.name = "state.backend",
       .kind = kChoice,
       .text = "Where keyed state lies while the job runs: in memory, or in RocksDB on disk, for "
               "state that is bigger than memory.",
       .fallback = "memory",
       .choices = {"memory", "rocksdb"}},
      {.name = "state.directory",
       .kind = kString,
       .text = "A folder for state on disk; each job has its own below it. Without it, it lies "
               "beside the checkpoints, whose files are then linked instead of copied."},
      {.name = "state.cache",
       .kind = kSize,
       .text = "Memory for state on disk that was used of late, ready to use; of all subtasks.",
       .fallback = "256MiB"},
      {.name = "state.block-cache",
       .kind = kSize,
       .text = "Memory for blocks of files on disk, of all subtasks.",
       .fallback = "256MiB"},
      {.name = "state.write-buffers",
       .kind = kSize,
       .text = "Memory for changes that are in no file on disk yet, of all subtasks.",
       .fallback = "256MiB"},
      {.name = "state.library",
       .kind = kString,
       .text = "The library that has RocksDB. Without it, the one beside the program."},
      {.name = "dirty.action",
       .kind = kChoice,
       .text = "What becomes of a record that cannot be read or written: the job fails, or the "
               "record is kept in a file and the job goes on.",
       .fallback = "fail",
       .choices = {"fail", "keep"}},
      {.name = "dirty.file",
       .kind = kString,
       .text = "The file for records that are kept: a JSON object a line.",
       .fallback = "dirty-records.jsonl"},
      {.name = "dirty.most",
       .kind = kInteger,
       .text = "So many are kept; one more fails the job.",
       .fallback = "100",
       .least = 0},
  });
  return kTable;
}

base::Result<NativeOptions> NativeOptionsFrom(const JobConfig& config, std::string_view job) {
  const auto values =
      SP_TRY(config.Read("native.", NativeOptionTable(), connectors::OptionUse::kBoth));
  NativeOptions options;
  options.parallelism = static_cast<int>(values.Integer("parallelism"));
  options.key_groups = static_cast<int>(values.Integer("key-groups"));
  if (options.parallelism > options.key_groups) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "native.parallelism" + config.OriginOf("native.parallelism") + " is " +
                           std::to_string(options.parallelism) + ", and there are " +
                           std::to_string(options.key_groups) + " key groups.")
        .WithHint("a job can be as wide as it has key groups, and no wider");
  }
  if (values.Has("checkpoint.interval")) {
    options.checkpoint_interval = values.Duration("checkpoint.interval");
  }
  options.checkpoint_timeout = values.Duration("checkpoint.timeout");
  options.checkpoints_kept = static_cast<int>(values.Integer("checkpoint.keep"));
  if (values.Has("checkpoint.directory")) {
    options.checkpoint_folder = SP_TRY(FolderOf(config, values, "checkpoint.directory", job));
  }
  if (values.Has("restore-from")) {
    options.restore_from = SP_TRY(LocationOf(config, values, "restore-from"));
  }
  options.restore_ignores_unclaimed = values.Boolean("restore-ignore-unclaimed");
  options.s3 = S3OptionsFrom(values);
  if (values.Has("status.listen")) {
    options.status_listen = values.String("status.listen");
  }
  options.status_shows_rows = values.Boolean("status.rows");
  if (values.Has("savepoint.directory")) {
    options.savepoint_folder = SP_TRY(FolderOf(config, values, "savepoint.directory", job));
  }
  options.restart.attempts = static_cast<int>(values.Integer("restart.attempts"));
  options.restart.first_pause = values.Duration("restart.pause");
  options.restart.longest_pause = values.Duration("restart.longest-pause");
  options.channel_capacity = static_cast<std::size_t>(values.Integer("channel-batches"));
  auto& state = options.state;
  if (values.String("state.backend") == "rocksdb") {
    state.backend = StateOptions::Backend::kRocksDb;
    if (!values.Has("state.library")) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "native.state.backend is rocksdb, and nothing says where the library is "
                         "that has it.")
          .WithHint(
              "`streampark run` knows; elsewhere set native.state.library to "
              "libstreampark_state_rocksdb.so");
    }
    state.library = values.String("state.library");
  }
  if (values.Has("state.directory")) {
    state.folder = SP_TRY(base::ConfinedPath(values.String("state.directory"), job));
  }
  state.cache_bytes = static_cast<std::size_t>(values.Size("state.cache"));
  state.block_cache_bytes = static_cast<std::size_t>(values.Size("state.block-cache"));
  state.write_buffer_bytes = static_cast<std::size_t>(values.Size("state.write-buffers"));
  return options;
}

base::Result<std::shared_ptr<DirtyRecords>> DirtyRecordsFrom(const JobConfig& config) {
  const auto values =
      SP_TRY(config.Read("native.", NativeOptionTable(), connectors::OptionUse::kBoth));
  if (values.String("dirty.action") == "fail") {
    return std::shared_ptr<DirtyRecords>();
  }
  return std::shared_ptr<DirtyRecords>(std::make_shared<KeptDirtyRecords>(
      values.String("dirty.file"), values.Integer("dirty.most")));
}

}  // namespace streampark::core
