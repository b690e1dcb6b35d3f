// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include "streampark/base/clock.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/objects/object_folder_abi.h"

#include "s3_folder.h"

/// The C face of object_folder_abi.h over S3.
namespace streampark::objects::s3 {
namespace {

using namespace connectors::abi;

struct Opened {
  explicit Opened(S3Folder::Setup setup) : folder(std::move(setup), clock) {}
  const base::SystemClock clock;
  S3Folder folder;
};

S3Folder& FolderOf(SpObjectFolder* self) {
  return static_cast<Opened*>(self->private_data)->folder;
}
FolderLease& LeaseOf(SpObjectClaim* self) { return *static_cast<FolderLease*>(self->private_data); }

void FillClaim(std::unique_ptr<FolderLease> lease, SpObjectClaim* out) {
  out->confirm = [](SpObjectClaim* self, SpText* error) {
    return Answer(error, [&] { return LeaseOf(self).Confirm(); });
  };
  out->mark = [](SpObjectClaim* self, std::uint64_t mark, SpText* error) {
    return Answer(error, [&] { return LeaseOf(self).Mark(mark); });
  };
  const auto mark = lease->mark();
  out->has_mark = mark.has_value() ? 1 : 0;
  out->marked = mark.value_or(0);
  out->tag = Slice(lease->tag());
  out->weakness = Slice(lease->weakness());
  Own(out, lease.release());
}

void FillFolder(std::unique_ptr<Opened> opened, SpObjectFolder* out) {
  out->put = [](SpObjectFolder* self, SpSlice name, SpSlice bytes, SpText* error) {
    return Answer(error, [&] { return FolderOf(self).Put(View(name), View(bytes)); });
  };
  out->put_new = [](SpObjectFolder* self, SpSlice name, SpSlice bytes, SpText* error) {
    return Answer(error, [&] { return FolderOf(self).PutNew(View(name), View(bytes)); });
  };
  out->put_file = [](SpObjectFolder* self, SpSlice name, SpSlice from, SpText* error) {
    return Answer(error, [&] { return FolderOf(self).PutFile(View(name), Text(from)); });
  };
  out->get = [](SpObjectFolder* self, SpSlice name, SpText* bytes, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      FillText(bytes, SP_TRY(FolderOf(self).Get(View(name))));
      return base::Ok();
    });
  };
  out->get_file = [](SpObjectFolder* self, SpSlice name, SpSlice to, SpText* error) {
    return Answer(error, [&] { return FolderOf(self).GetFile(View(name), Text(to)); });
  };
  out->has = [](SpObjectFolder* self, SpSlice name, std::int32_t* found, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      *found = SP_TRY(FolderOf(self).Has(View(name))) ? 1 : 0;
      return base::Ok();
    });
  };
  out->list = [](SpObjectFolder* self, SpSlice prefix, SpText* listed, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      std::string names;
      for (const auto& name : SP_TRY(FolderOf(self).List(View(prefix)))) {
        names.append(name).append("\n");
      }
      FillText(listed, std::move(names));
      return base::Ok();
    });
  };
  out->remove = [](SpObjectFolder* self, const SpSlice* names, std::size_t n, SpText* error) {
    return Answer(error, [&] { return FolderOf(self).Remove(TakeAll(names, n)); });
  };
  out->claim = [](SpObjectFolder* self, SpObjectClaim* claim, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      FillClaim(SP_TRY(FolderOf(self).Claim()), claim);
      return base::Ok();
    });
  };
  out->cancel = [](SpObjectFolder* self) { FolderOf(self).Cancel(); };
  Own(out, opened.release());
}

S3Folder::Setup SetupOf(const SpObjectSettings& settings) {
  S3Folder::Setup setup{
      .client = {.bucket = Text(settings.bucket),
                 .endpoint = Text(settings.endpoint),
                 .region = Text(settings.region),
                 .credentials = {.access_key_id = Text(settings.access_key_id),
                                 .secret_access_key = Text(settings.secret_access_key),
                                 .session_token = Text(settings.session_token)},
                 .ca_file = Text(settings.ca_file),
                 .where = settings.path_style == 1 ? S3Settings::Bucket::kInPath
                                                   : S3Settings::Bucket::kInHost,
                 .deadline = base::Millis(settings.deadline_ms),
                 .patience = base::Millis(settings.patience_ms)},
      .prefix = Text(settings.prefix),
      .lease = base::Millis(settings.lease_ms),
      .part_bytes = static_cast<std::size_t>(settings.part_bytes)};
  if (setup.client.endpoint.empty()) {
    setup.client.endpoint = "https://s3." + setup.client.region + ".amazonaws.com";
  }
  return setup;
}

}  // namespace
}  // namespace streampark::objects::s3

extern "C" __attribute__((visibility("default"))) std::int32_t streampark_objects(
    std::uint32_t version, const SpObjectSettings* settings, SpObjectFolder* out, SpText* error) {
  using namespace streampark::objects::s3;
  if (version != SP_OBJECTS_ABI_VERSION) {
    return -1;
  }
  return streampark::connectors::abi::Answer(error, [&]() -> streampark::base::Status {
    FillFolder(std::make_unique<Opened>(SetupOf(*settings)), out);
    return streampark::base::Ok();
  });
}
