// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretsTest {
  @Test
  void masksWhatItLearned() {
    Secrets secrets = new Secrets();
    secrets.learn(
        Map.of("db.password", "hunter2", "other.password", "hunter2-long", "url", "jdbc"));
    assertEquals("user ****** at jdbc, ******", secrets.mask("user hunter2 at jdbc, hunter2-long"));
    assertEquals("******", Secrets.shown("password", "x"));
    assertEquals("x", Secrets.shown("url", "x"));
  }

  @Test
  void tooShortIsNoSecret() {
    Secrets secrets = new Secrets();
    secrets.learn("password", "abc");
    assertEquals("abcdef", secrets.mask("abcdef"));
  }

  @Test
  void theLogIsMaskedByTheLine() throws Exception {
    Secrets secrets = new Secrets();
    secrets.learn("password", "geheim");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MaskedLog log = new MaskedLog(out, secrets);
    log.write("a geh".getBytes(StandardCharsets.UTF_8));
    log.write("eim ü\nb".getBytes(StandardCharsets.UTF_8));
    assertEquals("a ****** ü\n", out.toString(StandardCharsets.UTF_8));
  }
}
