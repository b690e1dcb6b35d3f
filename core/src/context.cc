// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/context.h"

#include <algorithm>

#include "streampark/base/spelling.h"

namespace streampark {

namespace core {

namespace {

template <typename Made, typename Connector, typename Make>
std::shared_ptr<Made> MakeOnce(std::shared_ptr<Made>& made, const Connector& connector,
                               const std::string& alias, Make make) {
  if (!made) {
    auto result = make();
    if (!result.ok()) {
      throw TaskFailure(
          std::move(result).error().Annotate(std::string(connector.name()) + " '" + alias + "'"));
    }
    made = std::move(result).value();
  }
  return made;
}

/// The default when nobody says otherwise.
class FailOnDirty final : public DirtyRecords {
 public:
  void Take(const std::string& operator_name, const connectors::DirtyRecord& record) override {
    throw TaskFailure(
        base::Error(base::ErrorCode::kValidationFailed, "A record cannot be taken by '" +
                                                            operator_name + "': " + record.reason +
                                                            " (" + record.where + ")")
            .WithHint(
                "mend the record, or set native.dirty.action to keep to put such records aside"));
  }
};

/// The connector that a key like `CONNECTOR.source.ALIAS.…` names; empty when there is no such key.
std::string ConnectorNamedBy(const JobConfig& config, const std::string& section) {
  for (const auto& [key, value] : config.values()) {
    const auto at = key.find(section);
    if (at != std::string::npos && at > 0 && key.find('.') == at) {
      return key.substr(0, at);
    }
  }
  return {};
}

}  // namespace

std::shared_ptr<connectors::Source> LazySource::Get() {
  const std::lock_guard lock(mutex_);
  return MakeOnce(made_, connector_, alias_, [&] { return connector_.MakeSource(setup_); });
}

std::shared_ptr<connectors::Sink> LazySink::Get() {
  const std::lock_guard lock(mutex_);
  return MakeOnce(made_, connector_, alias_, [&] { return connector_.MakeSink(setup_); });
}

Outside::Section Outside::Find(connectors::OptionUse use, const std::string& alias) const {
  if (stand_in != nullptr) {
    return {stand_in, stand_in->options().Read({{"alias", alias}}, use).value()};
  }
  const bool source = use == connectors::OptionUse::kSource;
  const std::string side = source ? ".source." : ".sink.";
  std::vector<const connectors::Connector*> found;
  std::string section;  // of the one that was found last
  std::vector<std::string> aliases;
  for (const auto* connector :
       connectors != nullptr ? connectors->all() : std::vector<const connectors::Connector*>{}) {
    if (source ? !connector->capabilities().source : !connector->capabilities().sink) {
      continue;
    }
    const auto prefix = std::string(connector->name()) + side;
    const auto& values = config.values();
    for (auto at = values.lower_bound(prefix); at != values.end() && at->first.starts_with(prefix);
         ++at) {
      aliases.push_back(
          at->first.substr(prefix.size(), at->first.find('.', prefix.size()) - prefix.size()));
      if (aliases.back() == alias && (found.empty() || found.back() != connector)) {
        found.push_back(connector);
        section = prefix + alias + ".";
      }
    }
    // The original's: `jdbc.ALIAS.…` for both sides.
    const auto both = std::string(connector->name()) + "." + alias + ".";
    const auto at = values.lower_bound(both);
    if (alias != "source" && alias != "sink" && at != values.end() && at->first.starts_with(both) &&
        (found.empty() || found.back() != connector)) {
      found.push_back(connector);
      section = both;
    }
  }
  const std::string what = source ? "source" : "sink";
  if (found.empty()) {
    if (const auto unknown = ConnectorNamedBy(config, side + alias + "."); !unknown.empty()) {
      throw InvalidJob(base::Error(base::ErrorCode::kJobFileInvalid,
                                   "The " + what + " '" + alias +
                                       "' is configured for the connector '" + unknown +
                                       "', which is not here" +
                                       (source ? " as a source." : " as a sink."))
                           .WithHint("streampark run --connectors LIBRARY brings more"));
    }
    const auto nearest = base::ClosestMatch(alias, aliases);
    throw InvalidJob(base::Error(base::ErrorCode::kJobFileInvalid,
                                 "The configuration has no " + what + " '" + alias + "'.")
                         .WithHint(nearest ? "did you mean '" + *nearest + "'?"
                                           : "add a section like file" + side + alias +
                                                 ": {path: …} to application.yml"));
  }
  if (found.size() > 1) {
    throw InvalidJob(
        base::Error(base::ErrorCode::kJobFileInvalid,
                    "The " + what + " '" + alias +
                        "' is configured for two connectors: " + std::string(found[0]->name()) +
                        " and " + std::string(found[1]->name()) + ".")
            .WithHint("keep one of them"));
  }
  auto options = config.Read(section, found[0]->options(), use);
  if (!options.ok()) {
    throw InvalidJob(std::move(options).error());
  }
  return {found[0], std::move(options).value()};
}

std::shared_ptr<LazySink> Outside::FindSink(const std::string& alias, connectors::SchemaPtr schema,
                                            std::string& type) const {
  auto section = Find(connectors::OptionUse::kSink, alias);
  type = "sink " + std::string(section.connector->name());
  return std::make_shared<LazySink>(
      *section.connector,
      connectors::Setup{
          .options = std::move(section.options), .schema = std::move(schema), .clock = clock},
      alias);
}

}  // namespace core

StreamContext::StreamContext(Setup setup)
    : outside_{.config = std::move(setup.config),
               .connectors = setup.connectors,
               .clock = setup.clock,
               .dirty = std::move(setup.dirty),
               .stand_in = setup.stand_in} {
  plan_.name = std::move(setup.name);
  if (!outside_.dirty) {
    outside_.dirty = std::make_shared<core::FailOnDirty>();
  }
}

StreamContext::Found StreamContext::FindSource(const std::string& alias,
                                               connectors::SchemaPtr schema) const {
  auto section = outside_.Find(connectors::OptionUse::kSource, alias);
  return {
      "source " + std::string(section.connector->name()),
      std::make_shared<core::LazySource>(*section.connector,
                                         connectors::Setup{.options = std::move(section.options),
                                                           .schema = std::move(schema),
                                                           .clock = outside_.clock},
                                         alias)};
}

std::string StreamContext::App(std::string_view key) const {
  auto found = outside_.config.Get("app." + std::string(key));
  if (!found.ok()) {
    throw InvalidJob(std::move(found).error());
  }
  return std::move(found).value();
}

std::string StreamContext::App(std::string_view key, std::string otherwise) const {
  auto found = outside_.config.GetOr("app." + std::string(key), std::move(otherwise));
  if (!found.ok()) {
    throw InvalidJob(std::move(found).error());
  }
  return std::move(found).value();
}

}  // namespace streampark
