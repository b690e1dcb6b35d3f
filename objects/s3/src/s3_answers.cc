// SPDX-License-Identifier: Apache-2.0
#include "s3_answers.h"

#include <ctime>
#include <sstream>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

namespace streampark::objects::s3 {
namespace {

using Tree = boost::property_tree::ptree;

base::Error NoAnswer(std::string_view what) {
  return {base::ErrorCode::kEngineError,
          "The store answered with what is no " + std::string(what) + "."};
}

/// The children of the one root, whose name is `root`.
base::Result<Tree> Parse(std::string_view xml, const char* root) {
  try {
    std::istringstream in{std::string(xml)};
    Tree tree;
    boost::property_tree::read_xml(in, tree);
    const auto found = tree.get_child_optional(root);
    if (!found) {
      return NoAnswer(root);
    }
    return *found;
  } catch (const boost::property_tree::xml_parser_error&) {
    return NoAnswer(root);
  }
}

std::string TextOf(const Tree& tree, const char* name) { return tree.get<std::string>(name, ""); }

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Refusal ReadRefusal(std::string_view xml) {
  const auto tree = Parse(xml, "Error");
  if (!tree.ok()) {
    return {};
  }
  return {.code = TextOf(*tree, "Code"),
          .message = TextOf(*tree, "Message"),
          .region = TextOf(*tree, "Region")};
}

base::Result<Listing> ReadListing(std::string_view xml) {
  const Tree tree = SP_TRY(Parse(xml, "ListBucketResult"));
  Listing listing;
  for (const auto& [name, child] : tree) {
    if (name == "Contents") {
      listing.keys.push_back(TextOf(child, "Key"));
    }
  }
  if (TextOf(tree, "IsTruncated") == "true") {
    listing.next = TextOf(tree, "NextContinuationToken");
    if (listing.next.empty()) {
      return NoAnswer("whole list: it is cut off without a token for the rest");
    }
  }
  return listing;
}

base::Result<Uploads> ReadUploads(std::string_view xml) {
  const Tree tree = SP_TRY(Parse(xml, "ListMultipartUploadsResult"));
  Uploads uploads;
  for (const auto& [name, child] : tree) {
    if (name == "Upload") {
      uploads.uploads.push_back({.key = TextOf(child, "Key"), .id = TextOf(child, "UploadId")});
    }
  }
  uploads.truncated = TextOf(tree, "IsTruncated") == "true";
  uploads.next_key = TextOf(tree, "NextKeyMarker");
  uploads.next_id = TextOf(tree, "NextUploadIdMarker");
  return uploads;
}

base::Result<std::string> ReadUploadId(std::string_view xml) {
  const Tree tree = SP_TRY(Parse(xml, "InitiateMultipartUploadResult"));
  auto id = TextOf(tree, "UploadId");
  if (id.empty()) {
    return NoAnswer("id of an upload");
  }
  return id;
}

base::Result<std::optional<Refusal>> ReadDeleted(std::string_view xml) {
  const Tree tree = SP_TRY(Parse(xml, "DeleteResult"));
  for (const auto& [name, child] : tree) {
    if (name == "Error" && TextOf(child, "Code") != "NoSuchKey") {
      return std::optional(Refusal{
          .code = TextOf(child, "Code"), .message = TextOf(child, "Message"), .region = ""});
    }
  }
  return std::optional<Refusal>();
}

std::string DeletionXml(const std::vector<std::string>& keys) {
  std::string xml =
      R"(<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>)";
  for (const auto& key : keys) {
    xml.append("<Object><Key>").append(Escaped(key)).append("</Key></Object>");
  }
  return xml + "</Delete>";
}

std::string CompletionXml(const std::vector<std::string>& etags) {
  std::string xml = R"(<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml.append("<Part><PartNumber>")
        .append(std::to_string(i + 1))
        .append("</PartNumber><ETag>")
        .append(Escaped(etags[i]))
        .append("</ETag></Part>");
  }
  return xml + "</CompleteMultipartUpload>";
}

std::optional<base::Timestamp> ReadHttpDate(std::string_view text) {
  std::tm utc{};
  const std::string whole(text);
  if (::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc) == nullptr) {
    return std::nullopt;
  }
  return base::Timestamp(std::chrono::seconds(::timegm(&utc)));
}

}  // namespace streampark::objects::s3
