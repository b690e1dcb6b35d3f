// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;

/** The REST address of a cluster. */
record Endpoint(String address, String host, int port, boolean tls, String path) {
  private static final int CONNECT_MILLIS = 3_000;

  static Endpoint parse(String address) throws AgentException {
    try {
      URI uri = new URI(address);
      boolean tls = "https".equals(uri.getScheme());
      if (uri.getHost() == null || !(tls || "http".equals(uri.getScheme()))) {
        throw new URISyntaxException(address, "no http or https address");
      }
      int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
      String path = uri.getPath() == null || uri.getPath().equals("/") ? "" : uri.getPath();
      return new Endpoint(address, uri.getHost(), port, tls, path);
    } catch (URISyntaxException notOne) {
      throw new AgentException(
          Code.BAD_REQUEST, "restAddresses must be like http://host:8081, not '" + address + "'.");
    }
  }

  /**
   * Any JobManager that listens will do: one that does not lead passes the job on to the one that
   * does.
   */
  static Endpoint firstThatAnswers(List<String> addresses) throws AgentException {
    if (addresses.isEmpty()) {
      throw new AgentException(Code.BAD_REQUEST, "Parameter restAddresses is missing.");
    }
    List<String> tried = new ArrayList<>();
    IOException last = null;
    for (String address : addresses) {
      Endpoint endpoint = parse(address);
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()), CONNECT_MILLIS);
        return endpoint;
      } catch (IOException unreachable) {
        tried.add(address + " (" + unreachable.getMessage() + ")");
        last = unreachable;
      }
    }
    throw new AgentException(
        Code.CLUSTER_UNREACHABLE,
        "The cluster does not answer: " + String.join(", ", tried) + ".",
        last);
  }

  /**
   * Flink's own retries are off: a second try after a lost answer would find the first one's job,
   * and only the caller can tell what that means.
   */
  void configure(Configuration configuration, int timeoutMillis) {
    configuration.setString("rest.address", host);
    configuration.setString("rest.port", String.valueOf(port));
    configuration.setString("rest.retry.max-attempts", "0");
    configuration.setString("rest.connection-timeout", String.valueOf(timeoutMillis));
    configuration.setString("rest.idleness-timeout", String.valueOf(timeoutMillis));
    if (tls) {
      configuration.setString("security.ssl.rest.enabled", "true");
    }
    if (!path.isEmpty()) {
      configuration.setString("rest.url-prefix", path.endsWith("/") ? path : path + "/");
    }
  }
}
