// SPDX-License-Identifier: Apache-2.0
#include "pages.h"

#include "streampark/base/url.h"
#include "streampark/connectors/state_bytes.h"

#include "address.h"

namespace streampark::connectors::http {
namespace {

constexpr std::uint16_t kPlaceVersion = 1;

/// The target of `<https://…>; rel="next"` (RFC 8288); empty when there is none.
std::string_view NextOf(std::string_view header) {
  while (!header.empty()) {
    const auto open = header.find('<');
    const auto close = header.find('>', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      return {};
    }
    const std::string_view target = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    const std::string_view parameters = header.substr(0, header.find('<'));
    if (parameters.find("rel=\"next\"") != std::string_view::npos ||
        parameters.find("rel=next") != std::string_view::npos) {
      return target;
    }
  }
  return {};
}

base::Result<std::string> InBody(const formats::JsonPointer& pointer, const std::string& body) {
  const auto found = formats::FindJson(body, pointer);
  if (!found.ok()) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the body is no JSON that has the next page: it " + found.error().message());
  }
  return *found ? formats::JsonText(**found).value_or("") : std::string();
}

bool IsAtServerOf(const std::string& url, const std::string& next) {
  const auto one = base::Url::Parse(url);
  const auto other = base::Url::Parse(next);
  return one && other && !other->has_user && one->SameServer(*other);
}

base::Result<bool> GoTo(std::string next, Place& place) {
  if (next == place.next) {
    return base::Error(base::ErrorCode::kIllegalState, "a page leads to itself")
        .WithHint("look at 'page.by' and 'page.next'");
  }
  place.next = std::move(next);
  return true;
}

}  // namespace

Position Place::ToPosition() const {
  StateWriter out;
  out.Text(cursor).Text(greatest).Number(pages).Number(records).Text(next).Text(etag).Text(
      modified);
  return {kPlaceVersion, out.Take()};
}

base::Result<Place> Place::From(const Position& position) {
  StateReader in(position.bytes);
  Place place;
  place.cursor = in.Text();
  place.greatest = in.Text();
  place.pages = in.Number();
  place.records = in.Number();
  place.next = in.Text();
  place.etag = in.Text();
  place.modified = in.Text();
  const bool has_lines = place.etag.find_first_of("\r\n") != std::string::npos ||
                         place.modified.find_first_of("\r\n") != std::string::npos;
  if (position.version != kPlaceVersion || !in.done() || place.pages < 0 || place.records < 0 ||
      has_lines) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "this is no position at an address of HTTP");
  }
  return place;
}

std::string AddressOf(const std::string& url, const Paging& paging,
                      const std::string& cursor_parameter, const Place& place) {
  if (paging.by == Paging::By::kLink && !place.next.empty()) {
    return place.next;
  }
  std::string address = url;
  if (!cursor_parameter.empty() && !place.cursor.empty()) {
    address = WithParameter(address, cursor_parameter, place.cursor);
  }
  if (paging.by == Paging::By::kNumber) {
    return WithParameter(address, paging.parameter, std::to_string(paging.first + place.pages));
  }
  if (paging.by == Paging::By::kOffset) {
    return WithParameter(address, paging.parameter, std::to_string(place.records));
  }
  if (paging.by == Paging::By::kToken && !place.next.empty()) {
    return WithParameter(address, paging.parameter, place.next);
  }
  return address;
}

base::Result<bool> Advance(const Paging& paging, const Endpoint::Answer& answer,
                           std::int64_t records, Place& place) {
  ++place.pages;
  place.records += records;
  bool more = false;
  switch (paging.by) {
    case Paging::By::kNone:
      break;
    case Paging::By::kNumber:
    case Paging::By::kOffset:
      more = records > 0;
      break;
    case Paging::By::kToken: {
      std::string token = SP_TRY(InBody(*paging.next, answer.response.body));
      more = !token.empty() && SP_TRY(GoTo(std::move(token), place));
      break;
    }
    case Paging::By::kLink: {
      const std::string link = paging.next ? SP_TRY(InBody(*paging.next, answer.response.body))
                                           : std::string(NextOf(answer.response.header("link")));
      if (link.empty()) {
        break;
      }
      auto next = base::ResolveUrl(answer.url, link);
      if (!next || !IsAtServerOf(answer.url, *next)) {
        return base::Error(base::ErrorCode::kIllegalState,
                           "the next page is at " +
                               (next ? WithoutQuery(*next) : "no address of http or https") +
                               ", and not at the same server")
            .WithHint("look at 'page.next'");
      }
      place.next = answer.url;
      more = SP_TRY(GoTo(std::move(*next), place));
      break;
    }
  }
  if (more && place.pages >= paging.most) {
    return base::Error(
               base::ErrorCode::kIllegalState,
               "there are more than " + std::to_string(paging.most) + " pages, and still one more")
        .WithHint("look at 'page.by', or raise 'page.most'");
  }
  return more;
}

}  // namespace streampark::connectors::http
