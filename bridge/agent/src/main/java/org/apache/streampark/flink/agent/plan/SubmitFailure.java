// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.client.JobSubmissionException;
import org.apache.flink.runtime.rest.util.RestClientException;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;

/**
 * What a failed submit means for the caller: is the job there, surely not there, or unknown?
 *
 * <pre>
 * found in the chain of causes                            code
 * ------------------------------------------------------  ---------------------
 * the server's Duplicate(Job|Application)Submission       DUPLICATE_JOB
 * JobInitializationException: accepted, failed at once    SUBMIT_REJECTED
 * JobSubmissionException (the request itself failed) with
 *   an answer of the server (RestClientException)         SUBMIT_REJECTED
 *   a refused connection                                  CLUSTER_UNREACHABLE
 *   anything else (lost connection, time-out)             SUBMIT_UNKNOWN
 * an I/O failure or interrupt outside of the request      SUBMIT_UNKNOWN
 * anything else (the graph could not be built)            SUBMIT_REJECTED
 * </pre>
 */
final class SubmitFailure {
  /**
   * The server sends its stack trace as text; its innermost cause is the one that says something.
   */
  private static final Pattern SERVER_CAUSE =
      Pattern.compile("(?m)^(?:Caused by: )?[\\w.$]+(?:Exception|Error): (.+)$");

  private static final Pattern DUPLICATE =
      Pattern.compile("Duplicate(?:Job|Application)SubmissionException");

  private SubmitFailure() {}

  static AgentException classify(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable at = failure; at != null && chain.size() < 32; at = at.getCause()) {
      chain.add(at);
    }
    if (any(chain, at -> DUPLICATE.matcher(String.valueOf(at.getMessage())).find())) {
      return new AgentException(
          Code.DUPLICATE_JOB, "The cluster knows a job with this id already.", failure);
    }
    Throwable root = chain.get(chain.size() - 1);
    String why = root.getMessage() == null ? root.toString() : root.getMessage();
    if (any(chain, at -> String.valueOf(at).contains("JobInitializationException"))) {
      return new AgentException(
          Code.SUBMIT_REJECTED, "The job failed before it began: " + why, failure);
    }
    boolean inRequest = any(chain, JobSubmissionException.class::isInstance);
    if (inRequest) {
      for (Throwable at : chain) {
        if (at instanceof RestClientException) {
          return new AgentException(
              Code.SUBMIT_REJECTED,
              "The cluster refused the job: " + serverCause(at.getMessage()),
              failure);
        }
      }
      if (root instanceof ConnectException) {
        return new AgentException(
            Code.CLUSTER_UNREACHABLE, "The cluster does not answer: " + why, failure);
      }
    }
    boolean lost =
        any(
            chain,
            at ->
                at instanceof IOException
                    || at instanceof TimeoutException
                    || at instanceof InterruptedException
                    || at instanceof RestClientException);
    if (inRequest || lost) {
      return new AgentException(
          Code.SUBMIT_UNKNOWN, "No answer came, so the job may run or not: " + why, failure);
    }
    return new AgentException(
        Code.SUBMIT_REJECTED, "The job could not be submitted: " + why, failure);
  }

  private static boolean any(List<Throwable> chain, Predicate<Throwable> condition) {
    return chain.stream().anyMatch(condition);
  }

  private static String serverCause(String text) {
    String last = null;
    Matcher matcher = SERVER_CAUSE.matcher(text);
    while (matcher.find()) {
      last = matcher.group(1);
    }
    return last == null ? text.lines().findFirst().orElse("") : last;
  }
}
