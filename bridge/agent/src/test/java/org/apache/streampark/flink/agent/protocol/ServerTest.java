// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ServerTest {
  private final CountDownLatch waiting = new CountDownLatch(1);
  private final PipedOutputStream requests = new PipedOutputStream();
  private BufferedReader replies;
  private Thread server;

  @BeforeEach
  void start() throws Exception {
    PipedInputStream in = new PipedInputStream(requests, 1 << 16);
    PipedInputStream replyEnd = new PipedInputStream(1 << 16);
    PipedOutputStream out = new PipedOutputStream(replyEnd);
    replies = new BufferedReader(new InputStreamReader(replyEnd, StandardCharsets.UTF_8));
    Map<String, Method> methods =
        Map.of(
            "echo", (params, progress) -> Json.object().put("text", params.text("text")),
            "fail",
                (params, progress) -> {
                  throw new IllegalStateException("outer", new IOException("inner"));
                },
            "wait",
                (params, progress) -> {
                  progress.stage("PLAN");
                  waiting.countDown();
                  Thread.sleep(60_000);
                  return Json.object();
                });
    server =
        new Thread(
            () -> {
              try {
                new Server(in, out, methods, new Secrets()).run();
              } catch (IOException broken) {
                throw new IllegalStateException(broken);
              }
            });
    server.start();
    assertEquals(Server.PROTOCOL, reply().get("ready").get("protocol").asInt());
  }

  @AfterEach
  void stop() throws Exception {
    requests.close();
    server.join();
  }

  private void send(String line) throws IOException {
    requests.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    requests.flush();
  }

  private JsonNode reply() throws IOException {
    return Json.parse(replies.readLine());
  }

  @Test
  void answersWithTheRequestsId() throws Exception {
    send("");
    send("{\"id\": 7, \"method\": \"echo\", \"params\": {\"text\": \"ü\\n\"}}");
    JsonNode reply = reply();
    assertEquals(7, reply.get("id").asInt());
    assertEquals("ü\n", reply.get("result").get("text").asText());
  }

  @Test
  void namesWhatIsWrongWithARequest() throws Exception {
    send("{");
    assertEquals("BAD_REQUEST", reply().get("error").get("code").asText());
    send("[1]");
    assertEquals("BAD_REQUEST", reply().get("error").get("code").asText());
    send("{\"id\": 3}");
    JsonNode reply = reply();
    assertEquals(3, reply.get("id").asInt());
    assertEquals("BAD_REQUEST", reply.get("error").get("code").asText());
    send("{\"id\": 4, \"method\": \"nope\"}");
    assertEquals("UNKNOWN_METHOD", reply().get("error").get("code").asText());
    send("{\"id\": 5, \"method\": \"echo\"}");
    JsonNode missing = reply().get("error");
    assertEquals("BAD_REQUEST", missing.get("code").asText());
    assertTrue(missing.get("message").asText().contains("text"));
  }

  @Test
  void saysTheRootCause() throws Exception {
    send("{\"id\": 1, \"method\": \"fail\"}");
    JsonNode error = reply().get("error");
    assertEquals("INTERNAL", error.get("code").asText());
    assertEquals("inner", error.get("rootCause").asText());
    assertTrue(error.get("trace").asText().lines().count() <= 40);
  }

  @Test
  void cancels() throws Exception {
    send("{\"id\": 1, \"method\": \"wait\"}");
    assertEquals("PLAN", reply().get("progress").get("stage").asText());
    waiting.await();
    send("{\"id\": 2, \"method\": \"cancel\", \"params\": {\"id\": 1}}");
    JsonNode first = reply();
    JsonNode second = reply();
    JsonNode cancelled = first.get("id").asInt() == 1 ? first : second;
    JsonNode answer = first.get("id").asInt() == 2 ? first : second;
    assertEquals("CANCELLED", cancelled.get("error").get("code").asText());
    assertTrue(answer.get("result").get("found").asBoolean());
    send("{\"id\": 3, \"method\": \"cancel\", \"params\": {\"id\": 1}}");
    assertEquals(false, reply().get("result").get("found").asBoolean());
  }
}
