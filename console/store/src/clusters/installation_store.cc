// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/clusters/cluster_stores.h"

namespace streampark::store {

using console::Installation;

base::Result<std::vector<Installation>> SqlInstallationStore::LoadInstallations() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT id, engine, version, line, vendor, home, fetched, state, digest, size_bytes, "
      "message, "
      "created_at FROM installations ORDER BY id",
      [](const Row& row) {
        Installation installation;
        installation.id = row.text(0);
        installation.engine = row.text(1);
        installation.version = row.text(2);
        installation.line = row.text(3);
        installation.vendor = row.text(4);
        installation.home = row.text(5);
        installation.fetched = row.boolean(6);
        installation.state = console::ParseInstallationState(row.view(7))
                                 .value_or(console::InstallationState::kBroken);
        installation.digest = row.text(8);
        installation.size_bytes = row.integer(9);
        installation.message = row.text(10);
        installation.created_at = row.time(11);
        return installation;
      });
}

base::Status SqlInstallationStore::Save(const Installation& installation) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute("DELETE FROM installations WHERE id = ?", installation.id));
  SP_TRY(transaction->Execute(
      "INSERT INTO installations (id, engine, version, line, vendor, home, fetched, state, digest, "
      "size_bytes, message, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      installation.id, installation.engine, installation.version, installation.line,
      installation.vendor, installation.home, installation.fetched, ToString(installation.state),
      installation.digest, installation.size_bytes, installation.message, installation.created_at));
  return transaction.Commit();
}

base::Status SqlInstallationStore::Delete(std::string_view installation_id) {
  SP_TRY(database_.Execute("DELETE FROM installations WHERE id = ?", installation_id));
  return base::Ok();
}

}  // namespace streampark::store
