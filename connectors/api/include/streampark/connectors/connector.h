// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/catalog.h"
#include "streampark/connectors/options.h"
#include "streampark/connectors/sink.h"
#include "streampark/connectors/source.h"

namespace streampark::connectors {

/// What one connector can do; the rest of it follows from these.
struct Capabilities {
  bool source = false;
  bool sink = false;
  bool replay = false;        // a source that reads the same rows again from a position
  bool changes = false;       // a source of change streams
  bool discovers = false;     // a source that knows its schema
  bool upsert = false;        // a sink that writes by key
  bool exactly_once = false;  // a sink with a commit
  bool catalog =
      false;  // it knows its tables; `table`, `columns`, and of sources `where` and `resume`, are options
  bool keeps_splits = false;  // a sink that notes with its rows how far their split has come
};

/// How a source or sink is asked for. The objects referred to outlive what is made.
struct Setup {
  OptionValues options;
  /// The columns that are wanted, or that will be written; absent: whatever the source has.
  SchemaPtr schema;
  const base::Clock* clock = nullptr;

  /// `clock`, or the system's when nobody gave one.
  const base::Clock& time() const;
};

/// A system that rows come from or go to: `kafka`, `postgres`. One immutable object a program; thread-safe.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual std::string_view name() const = 0;
  /// One line for people.
  virtual std::string_view text() const = 0;
  virtual Capabilities capabilities() const = 0;
  virtual const OptionTable& options() const = 0;
  /// Connects to nothing yet that is not needed to know the schema. ILLEGAL_STATE when it is no source.
  virtual base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const = 0;
  virtual base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const = 0;
  /// By the options that say where the system is. ILLEGAL_STATE where the capabilities have none.
  virtual base::Result<std::unique_ptr<Catalog>> MakeCatalog(const Setup& setup) const;
};

/// The connectors of a program, filled by hand where it is wired. Not thread-safe while it is filled.
class ConnectorRegistry {
 public:
  /// SP_CHECK: no two of one name.
  void Add(std::unique_ptr<Connector> connector);
  /// NOT_FOUND with the nearest name and all there are.
  base::Result<const Connector*> Find(std::string_view name) const;
  std::vector<const Connector*> all() const;

 private:
  std::map<std::string, std::unique_ptr<Connector>, std::less<>> connectors_;
};

}  // namespace streampark::connectors
