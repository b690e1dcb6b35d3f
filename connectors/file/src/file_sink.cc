// SPDX-License-Identifier: Apache-2.0
#include "file_sink.h"

#include <vector>

#include "streampark/base/random.h"

#include "file_committer.h"
#include "part_names.h"

namespace streampark::connectors::file {
namespace {

constexpr std::size_t kBuffered = 256U << 10U;

/// Staged names are never used twice: a commit that is repeated would take a later part for the one that it has published.
std::string NewToken() {
  base::SecureRandom random;
  return base::RandomHex(random, 8);
}

/// A file that is being written.
class Part {
 public:
  static base::Result<std::unique_ptr<Part>> Create(const SinkPlan& plan, const std::string& path) {
    auto part = std::make_unique<Part>();
    part->encoder_ = SP_TRY(plan.make_encoder());
    part->file_ = SP_TRY(plan.store->Create(path));
    if (plan.compression == Compression::kGzip) {
      part->file_ = MakeGzipOutput(std::move(part->file_));
    }
    part->opened_ = plan.clock->SteadyNow();
    part->encoder_->BeginStream(part->buffer_);
    return part;
  }

  formats::Refusal Append(const Batch& batch, std::int64_t row) {
    auto refusal = encoder_->AppendToStream(batch, row, buffer_);
    rows_ += refusal ? 0 : 1;
    return refusal;
  }
  base::Status WriteWhatIsMuch() { return buffer_.size() < kBuffered ? base::Ok() : WriteBuffer(); }
  base::Status Close() {
    SP_TRY(encoder_->EndStream(buffer_));
    SP_TRY(WriteBuffer());
    return file_->Close();
  }

  std::int64_t rows() const { return rows_; }
  /// Before compression.
  std::int64_t size() const {
    return written_ + static_cast<std::int64_t>(buffer_.size() + encoder_->kept_back());
  }
  base::SteadyTime opened() const { return opened_; }

 private:
  base::Status WriteBuffer() {
    SP_TRY(file_->Write(buffer_));
    written_ += static_cast<std::int64_t>(buffer_.size());
    buffer_.clear();
    return base::Ok();
  }

  std::unique_ptr<formats::RowEncoder> encoder_;
  std::unique_ptr<FileOutput> file_;
  std::string buffer_;
  std::int64_t written_ = 0;
  std::int64_t rows_ = 0;
  base::SteadyTime opened_{};
};

/// What it leaves behind when it fails or goes in the middle of a part, Recover removes.
class FileWriter final : public SinkWriter {
 public:
  FileWriter(const SinkPlan& plan, WriterId id)
      : plan_(plan),
        id_(std::move(id)),
        staging_(StagingOf(id_)),
        prefix_(std::to_string(id_.subtask) + "-" + NewToken() + "-") {}

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    for (std::int64_t row = 0; row < batch.length; ++row) {
      if (!part_) {
        staged_ = prefix_ + std::to_string(created_++);
        part_ = SP_TRY(Part::Create(plan_, StagedPath()));
      }
      if (auto refusal = part_->Append(batch, row)) {
        dirty.push_back({.where = "the sink '" + id_.sink + "'",
                         .reason = std::move(*refusal),
                         .bytes = formats::CutRecord(DebugText(batch, row))});
      }
      SP_TRY(part_->WriteWhatIsMuch());
      if (IsFull()) {
        SP_TRY(EndPart());
      }
    }
    return dirty;
  }

  base::Status Flush() override { return part_ && IsOld() ? EndPart() : base::Ok(); }

  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    SP_TRY(EndPart());
    std::vector<Committable> prepared;
    for (std::string& staged : ended_) {
      const PreparedPart part{
          .staging = staging_,
          .staged = std::move(staged),
          .published = PublishedName(id_, sequence, prepared.size(), plan_.ending)};
      prepared.push_back(part.ToCommittable(id_.subtask, sequence));
    }
    ended_.clear();
    if (!prepared.empty()) {
      SP_TRY(plan_.store->SyncFolder(plan_.folder + "/" + staging_));
    }
    return prepared;
  }

  std::string Snapshot() const override { return ""; }

 private:
  std::string StagedPath() const { return plan_.folder + "/" + staging_ + "/" + staged_; }
  bool IsFull() const {
    return part_->size() >= plan_.roll_size ||
           (plan_.roll_rows && part_->rows() >= *plan_.roll_rows) || IsOld();
  }
  bool IsOld() const {
    return plan_.roll_interval &&
           plan_.clock->SteadyNow() - part_->opened() >= *plan_.roll_interval;
  }

  base::Status EndPart() {
    if (!part_) {
      return base::Ok();
    }
    const auto part = std::exchange(part_, nullptr);
    if (part->rows() == 0) {  // all were refused
      return plan_.store->Remove(StagedPath());
    }
    SP_TRY(part->Close());
    ended_.push_back(staged_);
    return base::Ok();
  }

  const SinkPlan& plan_;
  const WriterId id_;
  const std::string staging_;
  const std::string prefix_;  // of staged names
  std::unique_ptr<Part> part_;
  std::string staged_;  // the name of the part
  std::int64_t created_ = 0;
  std::vector<std::string> ended_;  // names of parts since the last Prepare
};

class FileSink final : public Sink {
 public:
  explicit FileSink(SinkPlan plan) : plan_(std::move(plan)) {}

  Delivery delivery() const override { return Delivery::kExactlyOnce; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string /*restored*/) override {
    return std::make_unique<FileWriter>(plan_, id);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return MakeFileCommitter(plan_.store, plan_.folder);
  }

 private:
  const SinkPlan plan_;
};

}  // namespace

std::unique_ptr<Sink> MakeFileSink(SinkPlan plan) {
  return std::make_unique<FileSink>(std::move(plan));
}

}  // namespace streampark::connectors::file
