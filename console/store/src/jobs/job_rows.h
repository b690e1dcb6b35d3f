// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/console/jobs/job_store.h"
#include "streampark/store/connection.h"

/// Rows of the job tables ↔ values. Select*() give "SELECT columns FROM table" + `rest`, in the
/// order that the matching Read*() expects.
namespace streampark::store {

std::string SelectJobs(std::string_view rest);
console::Job ReadJob(const Row& row);
base::Status WriteJob(Connection& connection, const console::Job& job);

std::string SelectObservations(std::string_view rest);
std::pair<std::string, console::ObservedFact> ReadObservation(const Row& row);
base::Status WriteObservation(Connection& connection, const std::string& job_id,
                              const console::ObservedFact& observed);

std::string SelectRevisions(std::string_view rest);
console::Revision ReadRevision(const Row& row);
base::Status WriteRevision(Connection& connection, const console::Revision& revision);

std::string SelectReleases(std::string_view rest);
console::Release ReadRelease(const Row& row);
base::Status WriteRelease(Connection& connection, const console::Release& release);

std::string SelectAttempts(std::string_view rest);
console::Attempt ReadAttempt(const Row& row);
base::Status WriteAttempt(Connection& connection, const console::Attempt& attempt);

std::string SelectSnapshots(std::string_view rest);
console::Snapshot ReadSnapshot(const Row& row);
base::Status WriteSnapshot(Connection& connection, const console::Snapshot& snapshot);

}  // namespace streampark::store
