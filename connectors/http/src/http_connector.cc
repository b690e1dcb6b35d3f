// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "streampark/base/base64.h"
#include "streampark/base/url.h"
#include "streampark/connectors/http.h"
#include "streampark/connectors/option_errors.h"

#include "address.h"
#include "sink_plan.h"
#include "source_plan.h"

namespace streampark::connectors {
namespace http {
namespace {

constexpr const char* kHeaders = "headers.";

std::vector<OptionSpec> AccessOptions() {
  return {
      {.name = "url",
       .kind = OptionKind::kList,
       .text = "The addresses that are read, or the one that is written to. No user or password is "
               "in it; "
               "errors show it without its query.",
       .presence = OptionSpec::Presence::kRequired},
      {.name = "username", .text = "Who we are, by basic authentication."},
      {.name = "password", .kind = OptionKind::kSecret, .text = "The user's password."},
      {.name = "token", .kind = OptionKind::kSecret, .text = "A bearer token, instead."},
      {.name = "secret.header",
       .kind = OptionKind::kSecret,
       .text = "A header that is nobody's to see: `X-Api-Key: ${secret:api}`."},
      {.name = "tls.ca.file",
       .text = "A file of certificates that are trusted besides the system's."},
      {.name = "tls.certificate.file", .text = "Our own certificate, where the server wants one."},
      {.name = "tls.key.file", .text = "Its private key, unless that is in the same file."},
      {.name = "tls.key.password",
       .kind = OptionKind::kSecret,
       .text = "What that file is locked with."},
      {.name = "timeout",
       .kind = OptionKind::kDuration,
       .text = "How long a request may take.",
       .fallback = "30s",
       .least = 10},
      {.name = "retry.for",
       .kind = OptionKind::kDuration,
       .text =
           "How long what may pass (no answer, 408, 425, 429, 5xx) is tried again before the job "
           "fails. What `Retry-After` says is waited for.",
       .fallback = "5m",
       .least = 0},
      {.name = "response.limit",
       .kind = OptionKind::kSize,
       .text = "The most that one answer may have.",
       .fallback = "16MiB",
       .least = 1024,
       .most = 1LL << 30},
  };
}

std::vector<OptionSpec> SourceOptions() {
  return {
      {.name = "body",
       .kind = OptionKind::kChoice,
       .text = "What an answer is: a `document` with records in it, or a `stream` of the format, "
               "such as "
               "lines. Absent: a stream of csv and avro, else a document.",
       .use = OptionUse::kSource,
       .choices = {"document", "stream"}},
      {.name = "records",
       .text = "Where in a JSON document the records are, a list or a single one: a JSON pointer, "
               "`/data/items`. Absent: the document itself.",
       .use = OptionUse::kSource},
      {.name = "poll.interval",
       .kind = OptionKind::kDuration,
       .text =
           "How long after all pages were read they are read again; absent: they are read once.",
       .use = OptionUse::kSource,
       .least = 1},
      {.name = "page.by",
       .kind = OptionKind::kChoice,
       .text =
           "How a page leads to the next: not at all, by a `link` (the header `Link`, or "
           "`page.next`), "
           "by a `number` or an `offset` in `page.parameter` until a page has no records, or by a "
           "`token` at `page.next`.",
       .fallback = "none",
       .use = OptionUse::kSource,
       .choices = {"none", "link", "number", "offset", "token"}},
      {.name = "page.parameter",
       .text = "The parameter of the address that says which page.",
       .use = OptionUse::kSource},
      {.name = "page.first",
       .kind = OptionKind::kInteger,
       .text = "The number of the first page.",
       .fallback = "1",
       .use = OptionUse::kSource,
       .least = 0},
      {.name = "page.next",
       .text = "Where in the document the next page's link or token is: a JSON pointer.",
       .use = OptionUse::kSource},
      {.name = "page.most",
       .kind = OptionKind::kInteger,
       .text = "More pages than this are an error.",
       .fallback = "10000",
       .use = OptionUse::kSource,
       .least = 1},
      {.name = "cursor.column",
       .text =
           "A column whose values grow: the greatest of all pages is asked for in the next round.",
       .use = OptionUse::kSource},
      {.name = "cursor.parameter",
       .text = "The parameter of the address that is given it.",
       .use = OptionUse::kSource},
      {.name = "cursor.start",
       .text = "What the first round asks with; absent: without the parameter.",
       .use = OptionUse::kSource},
      {.name = "cursor.seen",
       .kind = OptionKind::kChoice,
       .text = "What becomes of rows that are not beyond the cursor: most servers give the last "
               "one again. "
               "`keep` them where rows with an equal value may come later.",
       .fallback = "skip",
       .use = OptionUse::kSource,
       .choices = {"skip", "keep"}},
  };
}

std::vector<OptionSpec> SinkOptions() {
  return {
      {.name = "method",
       .kind = OptionKind::kChoice,
       .text = "The method of requests.",
       .fallback = "POST",
       .use = OptionUse::kSink,
       .choices = {"POST", "PUT"}},
      {.name = "request.body",
       .kind = OptionKind::kChoice,
       .text = "What a request has: a JSON `array` of rows, `lines` (JSON, CSV or raw), or a "
               "`single` row. "
               "Absent: an array of json, else lines where the format has them, else single.",
       .use = OptionUse::kSink,
       .choices = {"array", "lines", "single"}},
      {.name = "content.type",
       .text = "The header Content-Type; absent: that of the body.",
       .use = OptionUse::kSink},
      {.name = "batch.rows",
       .kind = OptionKind::kInteger,
       .text = "The most rows of a request.",
       .fallback = "500",
       .use = OptionUse::kSink,
       .least = 1,
       .most = 1'000'000},
      {.name = "batch.bytes",
       .kind = OptionKind::kSize,
       .text = "A request that has reached this is sent.",
       .fallback = "1MiB",
       .use = OptionUse::kSink,
       .least = 1,
       .most = 1LL << 30},
      {.name = "batch.age",
       .kind = OptionKind::kDuration,
       .text = "How long rows wait for others while more come. What the server refuses of rows "
               "that waited "
               "fails the attempt; without waiting it is a dirty record.",
       .fallback = "0ms",
       .use = OptionUse::kSink,
       .least = 0},
      {.name = "idempotency.header",
       .text =
           "The header that is given a request's key, the same whenever it is sent again; `none`: "
           "there is none.",
       .fallback = "Idempotency-Key",
       .use = OptionUse::kSink},
      {.name = "rejected",
       .text = "Where in an answer of 2xx the rows are named that were not taken: a JSON pointer "
               "to a list of "
               "places in the request, from 0, or of objects with one as `index`. They are dirty "
               "records.",
       .use = OptionUse::kSink},
  };
}

OptionTable MakeTable() {
  return OptionTable(AccessOptions(), {kHeaders})
      .With(SourceOptions())
      .With(SinkOptions())
      .With(formats::FormatOptions("json"));
}

std::string Given(const OptionValues& options, std::string_view name) {
  return options.Has(name) ? options.String(name) : std::string();
}

/// A token of RFC 9110.
bool IsHeaderName(std::string_view name) {
  constexpr std::string_view kMore = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMore.find(c) != std::string_view::npos;
  });
}

bool IsHeaderValue(std::string_view value) {
  return std::ranges::all_of(
      value, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\t'; });
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

base::Status AddSecrets(const OptionValues& options, Access& access) {
  const std::string user = Given(options, "username");
  const std::string password = Given(options, "password");
  const std::string token = Given(options, "token");
  const std::string header = Given(options, "secret.header");
  if (user.empty() != password.empty()) {
    return WrongOption(user.empty() ? "username" : "password", "is missing beside the other one");
  }
  if (!user.empty() && !token.empty()) {
    return WrongOption("token", "does not go with a user and a password");
  }
  if (!IsHeaderValue(token)) {
    return WrongOption("token", "has a character that no header may have");
  }
  access.secrets = {password, token};
  if (!user.empty()) {
    const std::string basic = base::ToBase64(user + ":" + password, base::Base64::kStandard);
    access.secrets.push_back(basic);
    access.headers.emplace_back("Authorization", "Basic " + basic);
  } else if (!token.empty()) {
    access.headers.emplace_back("Authorization", "Bearer " + token);
  }
  if (!header.empty()) {
    const auto colon = header.find(':');
    const auto value =
        header.find_first_not_of(' ', colon == std::string::npos ? colon : colon + 1);
    if (value == std::string::npos || !IsHeaderName(header.substr(0, colon)) ||
        !IsHeaderValue(header.substr(value))) {
      return WrongOption("secret.header", "is no header", "NAME: VALUE");
    }
    access.secrets.push_back(header.substr(value));
    access.headers.emplace_back(header.substr(0, colon), header.substr(value));
  }
  return base::Ok();
}

base::Result<Access> AccessOf(const OptionValues& options) {
  Access access;
  for (const auto& [name, value] : options.Passed(kHeaders)) {
    const std::string lower = Lower(name);
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return WrongOption(kHeaders + name, "is no header");
    }
    if (lower == "authorization" || lower == "cookie" || lower == "proxy-authorization") {
      return WrongOption(kHeaders + name, "is a secret, and would be shown here",
                         "see 'username', 'token' and 'secret.header'");
    }
    access.headers.emplace_back(name, value);
  }
  SP_TRY(AddSecrets(options, access));
  access.client.ca_file = Given(options, "tls.ca.file");
  access.client.certificate_file = Given(options, "tls.certificate.file");
  access.client.key_file = Given(options, "tls.key.file");
  access.client.key_password = Given(options, "tls.key.password");
  if (!access.client.key_file.empty() && access.client.certificate_file.empty()) {
    return WrongOption("tls.certificate.file", "is missing beside 'tls.key.file'");
  }
  access.timeout = options.Duration("timeout");
  access.response_limit = static_cast<std::size_t>(options.Size("response.limit"));
  for (const std::string& url : options.List("url")) {
    const auto parsed = base::Url::Parse(url);
    if (!parsed || parsed->has_user) {
      return WrongOption("url", "is no address of http or https",
                         "https://host/path; who we are is said by 'username' or 'token'");
    }
  }
  return access;
}

base::Result<std::optional<formats::JsonPointer>> PointerOf(const OptionValues& options,
                                                            const std::string& option) {
  if (!options.Has(option)) {
    return std::nullopt;
  }
  auto pointer = formats::JsonPointer::Parse(options.String(option));
  if (!pointer) {
    return WrongOption(option, "'" + options.String(option) + "' is no JSON pointer",
                       "/data/items");
  }
  return pointer;
}

base::Result<Paging> PagingOf(const OptionValues& options) {
  Paging paging;
  const std::string& by = options.String("page.by");
  paging.by = by == "link"     ? Paging::By::kLink
              : by == "number" ? Paging::By::kNumber
              : by == "offset" ? Paging::By::kOffset
              : by == "token"  ? Paging::By::kToken
                               : Paging::By::kNone;
  paging.parameter = Given(options, "page.parameter");
  paging.first = options.Integer("page.first");
  paging.next = SP_TRY(PointerOf(options, "page.next"));
  paging.most = options.Integer("page.most");
  const bool by_parameter = by == "number" || by == "offset" || by == "token";
  if (by_parameter != !paging.parameter.empty()) {
    return WrongOption("page.parameter",
                       by_parameter ? "is missing" : "means nothing to page.by: " + by);
  }
  if (by == "token" && !paging.next) {
    return WrongOption("page.next", "is missing", "a JSON pointer to the token");
  }
  if (paging.next && by != "token" && by != "link") {
    return WrongOption("page.next", "means nothing to page.by: " + by);
  }
  return paging;
}

base::Status TakeCursor(const OptionValues& options, SourcePlan& plan) {
  plan.cursor_parameter = Given(options, "cursor.parameter");
  plan.cursor_start = Given(options, "cursor.start");
  plan.skips_seen = options.String("cursor.seen") == "skip";
  const std::string column = Given(options, "cursor.column");
  if (column.empty() != plan.cursor_parameter.empty()) {
    return WrongOption(column.empty() ? "cursor.column" : "cursor.parameter",
                       "is missing beside the other one");
  }
  if (column.empty()) {
    return plan.cursor_start.empty()
               ? base::Ok()
               : base::Status(WrongOption("cursor.start", "means nothing without 'cursor.column'"));
  }
  const int at = plan.schema->Find(column);
  if (at < 0) {
    return WrongOption("cursor.column", "there is no column '" + column + "'");
  }
  const Type& type = plan.schema->fields()[static_cast<std::size_t>(at)].type;
  if (!CursorColumn::Orders(type)) {
    return WrongOption(
        "cursor.column",
        "the column '" + column + "' of type " + type.ToString() + " has no order to go on by",
        "whole numbers, dates, times and texts have");
  }
  plan.cursor.emplace(static_cast<std::size_t>(at), type);
  if (auto bound = plan.cursor->SetBound(plan.cursor_start); !bound.ok()) {
    return WrongOption("cursor.start", bound.error().message());
  }
  return base::Ok();
}

class HttpConnector final : public Connector {
 public:
  std::string_view name() const override { return "http"; }
  std::string_view text() const override {
    return "Servers over HTTP: pages of records read once or again and again, rows as requests.";
  }
  Capabilities capabilities() const override {
    return {.source = true, .sink = true, .replay = true};
  }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("an address");
    }
    const OptionValues& options = setup.options;
    SourcePlan plan;
    plan.access = SP_TRY(AccessOf(options));
    std::map<std::string, int> names;
    for (const std::string& url : options.List("url")) {
      std::string id = WithoutQuery(url);
      const int number = ++names[id];
      plan.targets.push_back({number == 1 ? id : id + " (" + std::to_string(number) + ")", url});
    }
    plan.schema = setup.schema;
    const std::string& format = options.String("format");
    const std::string body = options.Has("body")                   ? options.String("body")
                             : format == "csv" || format == "avro" ? "stream"
                                                                   : "document";
    plan.body = body == "stream" ? SourcePlan::Body::kStream : SourcePlan::Body::kDocument;
    plan.is_json = format == "json" || format == "debezium";
    const auto records = SP_TRY(PointerOf(options, "records"));
    if (records && (!plan.is_json || plan.body == SourcePlan::Body::kStream)) {
      return WrongOption("records", "is for JSON documents alone");
    }
    plan.records = records.value_or(formats::JsonPointer());
    plan.make_decoder = [options, schema = setup.schema] {
      return formats::MakeDecoder(options, {.schema = schema});
    };
    SP_TRY(plan.make_decoder());
    plan.paging = SP_TRY(PagingOf(options));
    SP_TRY(TakeCursor(options, plan));
    if (options.Has("poll.interval")) {
      plan.poll = options.Duration("poll.interval");
    }
    plan.retry_for = options.Duration("retry.for");
    plan.clock = &setup.time();
    return MakeHttpSource(std::move(plan));
  }

  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("an address");
    }
    const OptionValues& options = setup.options;
    SinkPlan plan;
    plan.access = SP_TRY(AccessOf(options));
    if (options.List("url").size() != 1) {
      return WrongOption("url", "a sink writes to one");
    }
    plan.url = options.List("url")[0];
    plan.method = options.String("method");
    const std::string& format = options.String("format");
    const bool has_lines =
        format == "json" || format == "csv" || format == "raw" || format == "debezium";
    const std::string body = options.Has("request.body") ? options.String("request.body")
                             : format == "json" || format == "debezium" ? "array"
                             : has_lines                                ? "lines"
                                                                        : "single";
    if ((body == "array" && format != "json" && format != "debezium") ||
        (body == "lines" && !has_lines)) {
      return WrongOption("request.body", "rows in " + format + " cannot be written as " + body,
                         has_lines ? "lines, or single" : "single");
    }
    plan.body = body == "array"   ? SinkPlan::Body::kArray
                : body == "lines" ? SinkPlan::Body::kLines
                                  : SinkPlan::Body::kSingle;
    const bool json = format == "json" || format == "debezium";
    plan.content_type = options.Has("content.type") ? options.String("content.type")
                        : json ? body == "lines" ? "application/x-ndjson" : "application/json"
                        : format == "csv" ? "text/csv"
                                          : "application/octet-stream";
    plan.key_header =
        options.String("idempotency.header") == "none" ? "" : options.String("idempotency.header");
    if (!plan.key_header.empty() && !IsHeaderName(plan.key_header)) {
      return WrongOption("idempotency.header", "is no name of a header");
    }
    if (!IsHeaderValue(plan.content_type)) {
      return WrongOption("content.type", "has a character that no header may have");
    }
    plan.schema = setup.schema;
    plan.make_encoder = [options, schema = setup.schema] {
      return formats::MakeEncoder(options, {.schema = schema});
    };
    SP_TRY(plan.make_encoder());
    plan.batch_rows = options.Integer("batch.rows");
    plan.batch_bytes = static_cast<std::size_t>(options.Size("batch.bytes"));
    plan.batch_age = options.Duration("batch.age");
    plan.rejected = SP_TRY(PointerOf(options, "rejected"));
    plan.retry_for = options.Duration("retry.for");
    plan.clock = &setup.time();
    return MakeHttpSink(std::move(plan));
  }

 private:
  const OptionTable table_ = MakeTable();
};

}  // namespace
}  // namespace http

std::unique_ptr<Connector> MakeHttpConnector() { return std::make_unique<http::HttpConnector>(); }

}  // namespace streampark::connectors
