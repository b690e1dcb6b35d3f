// SPDX-License-Identifier: Apache-2.0
#include "jobs/maven_resolver.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "streampark/base/files.h"
#include "streampark/base/process.h"

namespace streampark::console {
namespace {

namespace fs = std::filesystem;

constexpr base::Millis kPatience{600'000};

struct Coordinate {
  std::string group, artifact, packaging, classifier, version;
};

/// group:artifact[:packaging[:classifier]]:version
Coordinate PartsOf(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t colon = text.find(':'); colon != std::string::npos;
       colon = text.find(':', from)) {
    parts.push_back(text.substr(from, colon - from));
    from = colon + 1;
  }
  parts.push_back(text.substr(from));
  Coordinate out{parts[0], parts.size() > 1 ? parts[1] : "", "jar", "", parts.back()};
  if (parts.size() > 3) {
    out.packaging = parts[2];
  }
  if (parts.size() > 4) {
    out.classifier = parts[3];
  }
  return out;
}

struct Provided {
  std::string_view group;
  std::string_view artifact;  // a trailing * stands for any ending
};

// What lies in lib/ of every Flink distribution, with the logging that it brings.
constexpr std::array kProvided = {
    Provided{"org.apache.flink", "flink-annotations"},
    Provided{"org.apache.flink", "flink-clients*"},
    Provided{"org.apache.flink", "flink-core*"},
    Provided{"org.apache.flink", "flink-csv"},
    Provided{"org.apache.flink", "flink-json"},
    Provided{"org.apache.flink", "flink-cep*"},
    Provided{"org.apache.flink", "flink-connector-base"},
    Provided{"org.apache.flink", "flink-connector-datagen"},
    Provided{"org.apache.flink", "flink-connector-files"},
    Provided{"org.apache.flink", "flink-datastream*"},
    Provided{"org.apache.flink", "flink-dist*"},
    Provided{"org.apache.flink", "flink-dstl*"},
    Provided{"org.apache.flink", "flink-file-sink-common"},
    Provided{"org.apache.flink", "flink-hadoop-fs"},
    Provided{"org.apache.flink", "flink-java"},
    Provided{"org.apache.flink", "flink-metrics-core"},
    Provided{"org.apache.flink", "flink-optimizer"},
    Provided{"org.apache.flink", "flink-queryable-state*"},
    Provided{"org.apache.flink", "flink-rpc-*"},
    Provided{"org.apache.flink", "flink-runtime*"},
    Provided{"org.apache.flink", "flink-scala*"},
    Provided{"org.apache.flink", "flink-shaded-*"},
    Provided{"org.apache.flink", "flink-statebackend-*"},
    Provided{"org.apache.flink", "flink-streaming-*"},
    Provided{"org.apache.flink", "flink-table-*"},
    Provided{"org.apache.logging.log4j", "*"},
    Provided{"org.slf4j", "*"},
    Provided{"com.google.code.findbugs", "jsr305"},
};

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Tag(std::string_view name, std::string_view text) {
  return text.empty()
             ? ""
             : "<" + std::string(name) + ">" + Escaped(text) + "</" + std::string(name) + ">";
}

}  // namespace

bool IsProvidedByEngine(std::string_view group, std::string_view artifact) {
  return std::any_of(kProvided.begin(), kProvided.end(), [&](const Provided& one) {
    if (one.group != group) {
      return false;
    }
    if (one.artifact.ends_with('*')) {
      return artifact.starts_with(one.artifact.substr(0, one.artifact.size() - 1));
    }
    return artifact == one.artifact;
  });
}

std::string MavenResolver::PomFor(const std::vector<std::string>& coordinates) {
  std::string exclusions;
  for (const Provided& one : kProvided) {
    // Maven knows * for a whole name alone, so families are left out by name after the copy.
    if (!one.artifact.ends_with('*') || one.artifact == "*") {
      exclusions += "        <exclusion>" + Tag("groupId", one.group) +
                    Tag("artifactId", one.artifact) + "</exclusion>\n";
    }
  }
  std::string pom =
      "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n"
      "  <modelVersion>4.0.0</modelVersion>\n"
      "  "
      "<groupId>streampark.job</groupId><artifactId>dependencies</artifactId><version>1</version>\n"
      "  <packaging>pom</packaging>\n"
      "  <dependencies>\n";
  for (const std::string& text : coordinates) {
    const Coordinate one = PartsOf(text);
    pom += "    <dependency>" + Tag("groupId", one.group) + Tag("artifactId", one.artifact) +
           Tag("version", one.version) + Tag("type", one.packaging) +
           Tag("classifier", one.classifier) + "\n      <exclusions>\n" + exclusions +
           "      </exclusions>\n    </dependency>\n";
  }
  return pom + "  </dependencies>\n</project>\n";
}

std::string MavenResolver::CauseIn(std::string_view output) {
  std::string first;
  for (std::size_t from = 0; from < output.size();) {
    std::size_t end = output.find('\n', from);
    end = end == std::string_view::npos ? output.size() : end;
    const std::string_view line = output.substr(from, end - from);
    from = end + 1;
    constexpr std::string_view kMark = "[ERROR] ";
    const std::size_t mark = line.find(kMark);
    if (mark == std::string_view::npos) {
      continue;
    }
    const std::string_view said = line.substr(mark + kMark.size());
    // The sentence that names the artifact says more than the one that names the plugin.
    if (said.find("Could not find") != std::string_view::npos ||
        said.find("was not found") != std::string_view::npos) {
      first = said;
      break;
    }
    if (first.empty()) {
      first = said;
    }
  }
  // The tail tells how to ask Maven for more, which does not help here.
  const std::size_t tail = first.find(" -> [Help");
  return first.substr(0, std::min<std::size_t>(tail, 2000));
}

base::Result<std::vector<ResolvedJar>> MavenResolver::Resolve(
    const std::vector<std::string>& coordinates, const fs::path& folder,
    const std::string& settings_file, const std::function<void(std::string_view)>& on_line,
    std::stop_token stop) const {
  std::error_code failed;
  fs::remove_all(folder, failed);
  fs::create_directories(folder / "jars", failed);
  if (failed) {
    return base::FileError(failed.value(), "making", folder);
  }
  SP_TRY(base::WriteFileAtomically(folder / "pom.xml", PomFor(coordinates)));
  base::Command command{.argv = {program_, "-B", "-e", "-f", (folder / "pom.xml").string()},
                        .working_directory = folder};
  if (!settings_file.empty()) {
    command.argv.insert(command.argv.end(), {"-s", settings_file});
  }
  command.argv.insert(command.argv.end(),
                      {"org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies",
                       "-DincludeScope=runtime", "-DoutputDirectory=" + (folder / "jars").string(),
                       "-Dmdep.prependGroupId=true"});
  base::Result<base::CommandResult> ran = base::RunCommand(command, kPatience, stop, on_line);
  if (!ran.ok()) {
    if (ran.error().code() == base::ErrorCode::kCancelled) {
      return std::move(ran).error();
    }
    return base::Error(base::ErrorCode::kDependencyUnresolved, "Maven could not be run")
        .WithHint("install Maven, or leave out Maven dependencies")
        .WithCause(ran.error().message());
  }
  if (ran->exit_code != 0) {
    return base::Error(base::ErrorCode::kDependencyUnresolved,
                       "Maven cannot resolve the dependencies")
        .WithHint("check group, artifact and version, and that the repository can be reached")
        .WithCause(CauseIn(ran->output + "\n" + ran->errors));
  }
  std::vector<ResolvedJar> jars;
  for (fs::directory_iterator it(folder / "jars", failed), end; !failed && it != end;
       it.increment(failed)) {
    const std::string name = it->path().filename().string();
    // group.artifact-version.jar: no artifact of a family that the engine brings.
    const bool provided = std::any_of(kProvided.begin(), kProvided.end(), [&](const Provided& one) {
      const std::string start = std::string(one.group) + "." + std::string(one.artifact);
      return start.ends_with('*')
                 ? name.starts_with(start.substr(0, start.size() - 1))
                 : name.starts_with(start + "-") && name.size() > start.size() + 1 &&
                       name[start.size() + 1] >= '0' && name[start.size() + 1] <= '9';
    });
    if (!provided && it->path().extension() == ".jar") {
      jars.push_back({it->path(), name});
    }
  }
  std::sort(jars.begin(), jars.end(),
            [](const ResolvedJar& a, const ResolvedJar& b) { return a.origin < b.origin; });
  return jars;
}

}  // namespace streampark::console
