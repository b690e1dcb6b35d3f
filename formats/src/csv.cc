// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "streampark/formats/text_values.h"

#include "builtin.h"
#include "byte_scan.h"

/// CSV as RFC 4180 has it: records end with LF or CRLF, a field in quotes may hold all of these, and a quote in it is
/// doubled or comes after the escape character. What stands unquoted for null is an option; by default it is the empty
/// field, so that an empty text is written in quotes.
namespace streampark::formats {
namespace {

using connectors::Column;
using connectors::ColumnBuilder;
using connectors::OptionKind;
using connectors::TypeKind;

enum class Header : std::uint8_t { kNone, kPresent };
enum class Lines : std::uint8_t { kOfOneRecord, kOfPartsOfRecords };
enum class MissingValues : std::uint8_t { kRefused, kNull };

struct CsvRules {
  char delimiter = ',';
  char quote = '"';   // 0: none
  char escape = '"';  // the quote itself: doubled
  std::string null;
  Header header = Header::kNone;
  Lines lines = Lines::kOfPartsOfRecords;
  MissingValues missing = MissingValues::kRefused;
};

/// The fields of one record, one after another.
class FieldReader {
 public:
  enum class Step : std::uint8_t { kField, kLastField, kUnfinished, kFault };

  FieldReader(const CsvRules& rules, std::string_view text)
      : rules_(rules), begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }
  std::string_view field() const { return field_; }
  bool quoted() const { return quoted_; }
  const char* fault() const { return fault_; }

  Step Next() {
    quoted_ = at_ < end_ && rules_.quote != '\0' && *at_ == rules_.quote;
    return quoted_ ? ReadQuoted() : ReadPlain();
  }

  /// Goes past the end of the record that is at fault, as far as it can be told.
  void SkipLine() {
    const auto* newline = static_cast<const char*>(std::memchr(at_, '\n', Left()));
    at_ = newline == nullptr ? end_ : newline + 1;
  }

 private:
  std::size_t Left() const { return static_cast<std::size_t>(end_ - at_); }

  Step ReadPlain() {
    const char* const start = at_;
    at_ = FindEither(at_, end_, rules_.delimiter, '\n');
    field_ = {start, static_cast<std::size_t>(at_ - start)};
    if (at_ == end_) {
      return Step::kUnfinished;  // a whole one if nothing follows
    }
    if (*at_++ == rules_.delimiter) {
      return Step::kField;
    }
    if (field_.ends_with('\r')) {
      field_.remove_suffix(1);
    }
    return Step::kLastField;
  }

  Step ReadQuoted() {
    ++at_;
    scratch_.clear();
    const char* start = at_;
    const char* stop = nullptr;  // of the text, when it needed no copy
    for (;;) {
      at_ = FindEither(at_, end_, rules_.quote, rules_.escape);
      const bool broken =
          rules_.lines == Lines::kOfOneRecord &&
          std::memchr(start, '\n', static_cast<std::size_t>(at_ - start)) != nullptr;
      if (broken || at_ == end_) {
        at_ = broken ? start : at_;
        fault_ = "ends within quotes";
        return broken ? Step::kFault : Step::kUnfinished;
      }
      const char* const mark = at_++;
      const bool next = at_ < end_;
      if (*mark == rules_.escape && next &&
          (rules_.escape != rules_.quote || *at_ == rules_.quote)) {
        scratch_.append(start, mark);
        start = at_++;
        continue;
      }
      if (*mark != rules_.quote) {
        fault_ = "ends within quotes";
        return Step::kUnfinished;
      }
      stop = mark;
      break;
    }
    if (scratch_.empty()) {
      field_ = {start, static_cast<std::size_t>(stop - start)};
    } else {
      field_ = scratch_.append(start, stop);
    }
    if (at_ == end_) {
      return Step::kUnfinished;
    }
    if (*at_ == rules_.delimiter) {
      ++at_;
      return Step::kField;
    }
    if (*at_ == '\r' && at_ + 1 == end_) {
      ++at_;
      return Step::kUnfinished;
    }
    at_ += *at_ == '\r' ? 1 : 0;
    if (*at_ == '\n') {
      ++at_;
      return Step::kLastField;
    }
    fault_ = "has something after the closing quote";
    return Step::kFault;
  }

  const CsvRules& rules_;
  const char* begin_;
  const char* at_;
  const char* end_;
  std::string_view field_;
  bool quoted_ = false;
  const char* fault_ = nullptr;
  std::string scratch_;
};

class CsvDecoder final : public RowDecoder {
 public:
  CsvDecoder(SchemaPtr schema, CsvRules rules)
      : schema_(std::move(schema)), rules_(std::move(rules)) {
    for (std::size_t i = 0; i < schema_->fields().size(); ++i) {
      columns_.push_back(static_cast<int>(i));
    }
  }

  Refusal Decode(std::string_view message, BatchBuilder& rows) override {
    FieldReader in(rules_, message);
    Refusal refusal;
    ReadRecord(in, ChunkEnd::kEndOfStream, Rest::kRefused, rows, refusal);
    return refusal;
  }

  base::Result<std::optional<std::size_t>> ReadHead(std::string_view bytes, ChunkEnd end) override {
    if (rules_.header == Header::kNone) {
      return std::optional<std::size_t>(0);
    }
    if (bytes.empty() && end == ChunkEnd::kEndOfStream) {
      return std::optional<std::size_t>(0);
    }
    const std::size_t mark = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0;
    FieldReader in(rules_, bytes.substr(mark));
    std::vector<int> columns;
    for (;;) {
      const auto step = in.Next();
      if (step == FieldReader::Step::kFault) {
        return base::Error(base::ErrorCode::kInvalidRequest,
                           std::string("the header ") + in.fault());
      }
      if (step == FieldReader::Step::kUnfinished && end == ChunkEnd::kMoreFollows) {
        return std::optional<std::size_t>();
      }
      columns.push_back(schema_->Find(in.field()));
      if (step != FieldReader::Step::kField) {
        break;
      }
    }
    for (std::size_t i = 0; i < schema_->fields().size(); ++i) {
      const auto& field = schema_->fields()[i];
      const auto count = std::count(columns.begin(), columns.end(), static_cast<int>(i));
      if (count > 1 || (count == 0 && (field.nullability == connectors::Nullability::kRequired ||
                                       rules_.missing == MissingValues::kRefused))) {
        return base::Error(base::ErrorCode::kInvalidRequest, "the header has the column '" +
                                                                 field.name + "' " +
                                                                 std::to_string(count) + " times")
            .WithHint("csv.missing-fields = null reads a column that is not there as null");
      }
    }
    columns_ = std::move(columns);
    return std::optional<std::size_t>(mark + in.offset());
  }

  base::Result<Progress> DecodeChunk(std::string_view chunk, ChunkEnd end, const BatchLimit& limit,
                                     BatchBuilder& rows,
                                     std::vector<RefusedRecord>& refused) override {
    Progress progress;
    while (progress.consumed < chunk.size() && rows.length() < limit.rows &&
           rows.bytes() < limit.bytes) {
      const std::string_view rest = chunk.substr(progress.consumed);
      // A line of nothing is no record, unless it is the null of a table of one column.
      if (columns_.size() > 1 && (rest.front() == '\n' || rest.starts_with("\r\n"))) {
        progress.consumed += rest.front() == '\n' ? 1 : 2;
        continue;
      }
      FieldReader in(rules_, rest);
      Refusal refusal;
      const Record record = ReadRecord(in, end, Rest::kNextRecord, rows, refusal);
      if (record == Record::kUnfinished) {
        break;
      }
      if (record == Record::kRefused) {
        refused.push_back({progress.consumed, progress.records, std::move(*refusal),
                           CutRecord(rest.substr(0, in.offset()))});
      }
      progress.consumed += in.offset();
      ++progress.records;
    }
    return progress;
  }

  bool splits_at_lines() const override { return rules_.lines == Lines::kOfOneRecord; }

 private:
  enum class Record : std::uint8_t { kRow, kRefused, kUnfinished };

  /// What stands after a record.
  enum class Rest : std::uint8_t { kNextRecord, kRefused };

  Record ReadRecord(FieldReader& in, ChunkEnd end, Rest rest, BatchBuilder& rows,
                    Refusal& refusal) {
    std::size_t count = 0;
    for (;; ++count) {
      const auto step = in.Next();
      if (step == FieldReader::Step::kUnfinished && end == ChunkEnd::kMoreFollows) {
        rows.CancelRow();
        refusal.reset();
        return Record::kUnfinished;
      }
      if (in.fault() != nullptr) {
        refusal = in.fault();
        in.SkipLine();
        break;
      }
      // After a first fault the rest is read for its end alone.
      if (!refusal) {
        refusal = AppendField(in, count, rows);
      }
      if (step != FieldReader::Step::kField) {
        ++count;
        break;
      }
    }
    if (!refusal && count != columns_.size() &&
        (count > columns_.size() || rules_.missing == MissingValues::kRefused)) {
      refusal =
          "has " + std::to_string(count) + " fields and not " + std::to_string(columns_.size());
    }
    if (!refusal) {
      refusal = CheckMissing(rows);
    }
    if (!refusal && rest == Rest::kRefused && !in.at_end()) {
      refusal = "has a line break outside quotes";
    }
    if (refusal) {
      rows.CancelRow();
      return Record::kRefused;
    }
    rows.EndRow();
    return Record::kRow;
  }

  Refusal AppendField(const FieldReader& in, std::size_t place, BatchBuilder& rows) const {
    if (place >= columns_.size() || columns_[place] < 0) {
      return std::nullopt;
    }
    const auto at = static_cast<std::size_t>(columns_[place]);
    ColumnBuilder& column = rows.column(at);
    std::string_view text = in.field();
    if (!in.quoted() && text.ends_with('\r') && place + 1 == columns_.size()) {
      text.remove_suffix(1);  // the end of the last record, without its LF
    }
    if (!in.quoted() && text == rules_.null) {
      if (schema_->fields()[at].nullability == connectors::Nullability::kRequired) {
        return "'" + schema_->fields()[at].name + "': null is not allowed";
      }
      column.AppendNull();
      return std::nullopt;
    }
    const char* const fault = AppendTextValue(text, column);
    if (fault == nullptr) {
      return std::nullopt;
    }
    return "'" + schema_->fields()[at].name + "': " + std::string(text.substr(0, 100)) + " " +
           fault;
  }

  Refusal CheckMissing(const BatchBuilder& rows) const {
    if (rules_.missing == MissingValues::kRefused) {
      return std::nullopt;  // all columns of the schema were counted
    }
    for (std::size_t i = 0; i < schema_->fields().size(); ++i) {
      const auto& field = schema_->fields()[i];
      if (field.nullability == connectors::Nullability::kRequired && !rows.has(i)) {
        return "'" + field.name + "' is missing";
      }
    }
    return std::nullopt;
  }

  SchemaPtr schema_;
  CsvRules rules_;
  std::vector<int> columns_;  // of each field of a record the column, -1 when it is not wanted
};

class CsvEncoder final : public RowEncoder {
 public:
  CsvEncoder(SchemaPtr schema, CsvRules rules)
      : schema_(std::move(schema)), rules_(std::move(rules)) {
    for (const char c : {rules_.delimiter, rules_.quote, rules_.escape, '\n', '\r'}) {
      special_[static_cast<unsigned char>(c)] = true;
    }
    // Numbers, times and base 64 never need quotes, unless an option says something odd.
    constexpr std::string_view kOfScalars =
        "+-.:/=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    scalars_are_plain_ = rules_.null.find_first_of(kOfScalars) == std::string::npos &&
                         std::none_of(kOfScalars.begin(), kOfScalars.end(), [&](char c) {
                           return special_[static_cast<unsigned char>(c)];
                         });
  }

  Refusal Encode(const Batch& batch, std::int64_t row, std::string& out) override {
    if (Refusal refusal = RefuseUnlessNew(batch, row)) {
      return refusal;
    }
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      if (i > 0) {
        out.push_back(rules_.delimiter);
      }
      const Column& column = batch.columns[i];
      if (column.null(row)) {
        out += rules_.null;
        continue;
      }
      const std::size_t at = out.size();
      WriteTextValue(column, row, 'T', out);
      if (!QuoteFrom(at, column.type.kind(), out)) {
        out.resize(start);
        return "'" + schema_->fields()[i].name +
               "' cannot be written without csv.quote, or on one line without csv.multiline";
      }
    }
    return std::nullopt;
  }

  void BeginStream(std::string& out) override {
    if (rules_.header == Header::kNone) {
      return;
    }
    for (std::size_t i = 0; i < schema_->fields().size(); ++i) {
      if (i > 0) {
        out.push_back(rules_.delimiter);
      }
      const std::size_t at = out.size();
      out += schema_->fields()[i].name;
      QuoteFrom(at, TypeKind::kString, out);
    }
    out.push_back('\n');
  }

 private:
  /// Puts what follows `at` in quotes if it would else be read as something else; false: there are none.
  bool QuoteFrom(std::size_t at, TypeKind kind, std::string& out) const {
    if (scalars_are_plain_ && kind != TypeKind::kString && kind != TypeKind::kBytes) {
      return true;
    }
    const std::string_view text = std::string_view(out).substr(at);
    bool special = false;
    for (const char c : text) {
      special |= special_[static_cast<unsigned char>(c)];
    }
    if (!special && text != rules_.null && !text.empty()) {
      return true;
    }
    if (rules_.quote == '\0') {
      return text != rules_.null && !special;
    }
    if (rules_.lines == Lines::kOfOneRecord && text.find('\n') != std::string_view::npos) {
      return false;
    }
    std::string quoted(1, rules_.quote);
    for (const char c : text) {
      if (c == rules_.quote || c == rules_.escape) {
        quoted.push_back(rules_.escape);
      }
      quoted.push_back(c);
    }
    quoted.push_back(rules_.quote);
    out.replace(at, std::string::npos, quoted);
    return true;
  }

  std::array<bool, 256> special_{};
  bool scalars_are_plain_ = false;
  SchemaPtr schema_;
  CsvRules rules_;
};

std::vector<OptionSpec> CsvOptions() {
  return {
      {.name = "csv.delimiter",
       .text = "The one character between fields; `\\t` is a tab.",
       .fallback = ","},
      {.name = "csv.quote",
       .text = "The one character around fields that hold others; empty: none.",
       .fallback = "\""},
      {.name = "csv.escape",
       .text =
           "The one character before a quote within quotes; absent: the quote itself, doubled."},
      {.name = "csv.null", .text = "What stands for null, unquoted.", .fallback = ""},
      {.name = "csv.header",
       .kind = OptionKind::kBoolean,
       .text = "Whether a file begins with the names of its columns. Those of a file are found by "
               "name then.",
       .fallback = "false"},
      {.name = "csv.multiline",
       .kind = OptionKind::kBoolean,
       .text = "Whether fields in quotes may hold line breaks. Without, large files are read in "
               "parallel.",
       .fallback = "true"},
      {.name = "csv.missing-fields",
       .kind = OptionKind::kChoice,
       .text = "What becomes of a record with too few fields, or a file without a column.",
       .fallback = "refuse",
       .choices = {"refuse", "null"}},
  };
}

base::Result<char> OneCharacter(const OptionValues& options, std::string_view name) {
  const std::string& text = options.String(name);
  if (text == "\\t") {
    return '\t';
  }
  if (text.size() != 1 || text[0] == '\n' || text[0] == '\r' ||
      static_cast<signed char>(text[0]) <= 0) {
    return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
        .WithField({"/" + std::string(name), "'" + text + "' is not one ASCII character", ""});
  }
  return text[0];
}

base::Result<CsvRules> RulesOf(const OptionValues& options, const connectors::Schema& schema) {
  for (const auto& field : schema.fields()) {
    if (!field.type.children().empty()) {
      return ColumnRefused(field, "csv");
    }
  }
  CsvRules rules;
  rules.delimiter = SP_TRY(OneCharacter(options, "csv.delimiter"));
  rules.quote =
      options.String("csv.quote").empty() ? '\0' : SP_TRY(OneCharacter(options, "csv.quote"));
  rules.escape =
      options.Has("csv.escape") ? SP_TRY(OneCharacter(options, "csv.escape")) : rules.quote;
  rules.null = options.String("csv.null");
  if (rules.delimiter == rules.quote || rules.delimiter == rules.escape) {
    return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
        .WithField({"/csv.delimiter", "is the quote or escape character as well", ""});
  }
  if (rules.null.find_first_of(std::string{rules.delimiter, rules.quote, '\n', '\r'}) !=
      std::string::npos) {
    return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
        .WithField({"/csv.null", "holds a character that means something else", ""});
  }
  rules.header = options.Boolean("csv.header") ? Header::kPresent : Header::kNone;
  rules.lines = options.Boolean("csv.multiline") ? Lines::kOfPartsOfRecords : Lines::kOfOneRecord;
  rules.missing = options.String("csv.missing-fields") == "null" ? MissingValues::kNull
                                                                 : MissingValues::kRefused;
  return rules;
}

base::Result<std::unique_ptr<RowDecoder>> MakeCsvDecoder(const OptionValues& options,
                                                         const FormatSetup& setup) {
  return std::make_unique<CsvDecoder>(setup.schema, SP_TRY(RulesOf(options, *setup.schema)));
}

base::Result<std::unique_ptr<RowEncoder>> MakeCsvEncoder(const OptionValues& options,
                                                         const FormatSetup& setup) {
  return std::make_unique<CsvEncoder>(setup.schema, SP_TRY(RulesOf(options, *setup.schema)));
}

}  // namespace

const Format kCsvFormat = {"csv", CsvOptions, MakeCsvDecoder, MakeCsvEncoder};

}  // namespace streampark::formats
