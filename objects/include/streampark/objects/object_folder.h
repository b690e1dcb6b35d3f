// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::objects {

/// Keeps others off a folder: while it lives nobody else has one of the same folder, on no machine. It is given back when it goes, and
/// taken from a process that has died. Thread-safe.
class FolderClaim {
 public:
  virtual ~FolderClaim() = default;
  /// DATA_FOLDER_IN_USE when another process has taken the folder meanwhile, which may happen to one that hung for long. What was listed
  /// before a good answer is ours to remove.
  virtual base::Status Confirm() = 0;
  /// As Confirm, and in one step with it sets a number that the folder keeps for whoever claims it next.
  virtual base::Status Mark(std::uint64_t mark) = 0;
  /// The number that the folder has; absent when it has none, or needs none since nobody can lose a claim.
  virtual std::optional<std::uint64_t> mark() const = 0;
  /// To be part of the names of objects that are written under this claim, so that one that was lost never writes over what came after;
  /// empty where none can be lost.
  virtual const std::string& tag() const = 0;
  /// What it cannot promise, for people; empty: all is well.
  virtual const std::string& weakness() const = 0;
};

/// Named objects in one place, a folder of this machine or a prefix of a bucket; names have parts: `chk-7/_record`. An object is seen
/// whole or not at all. Thread-safe. Errors: STORAGE_FULL, IO_ERROR and what a server says (FORBIDDEN, BAD_CREDENTIALS, NOT_FOUND of a
/// bucket, CLUSTER_UNREACHABLE, ENGINE_TIMEOUT, ENGINE_ERROR); INVALID_REQUEST for a name that cannot be.
class ObjectFolder {
 public:
  virtual ~ObjectFolder() = default;
  /// Durable when it returns; one of that name is replaced.
  virtual base::Status Put(std::string_view name, std::string_view bytes) = 0;
  /// As Put. NAME_TAKEN when there is one with other bytes, where others could have written it.
  virtual base::Status PutNew(std::string_view name, std::string_view bytes) = 0;
  /// Keeps a file that never changes, by a link where that is possible; one of that name that is kept already is the same. Its name is
  /// durable after Settle.
  virtual base::Status PutFile(std::string_view name, const std::filesystem::path& from) = 0;
  virtual base::Status Settle() = 0;
  /// NOT_FOUND.
  virtual base::Result<std::string> Get(std::string_view name) = 0;
  /// A file with the object's bytes, which nobody may change: the object itself, or a copy in the folder `scratch`. NOT_FOUND.
  virtual base::Result<std::filesystem::path> AsFile(std::string_view name,
                                                     const std::filesystem::path& scratch) = 0;
  virtual base::Result<bool> Has(std::string_view name) = 0;
  /// All names that begin so, in order. What was left half-written may be among them, and ends in `/` when it is an empty folder.
  virtual base::Result<std::vector<std::string>> List(std::string_view prefix) = 0;
  /// In this order; those that are not there are gone already.
  virtual base::Status Remove(const std::vector<std::string>& names) = 0;
  /// Makes the folder where it is not there. DATA_FOLDER_IN_USE while another process has one.
  virtual base::Result<std::unique_ptr<FolderClaim>> Claim() = 0;
};

}  // namespace streampark::objects
