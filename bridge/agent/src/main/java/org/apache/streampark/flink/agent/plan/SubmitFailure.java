// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.rest.util.RestClientException;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;

/**
 * What a failed submit means for the caller: is the job there, surely not there, or unknown?
 *
 * <pre>
 * found in the chain of causes                    code
 * ----------------------------------------------  ---------------------
 * the server's DuplicateJobSubmissionException    DUPLICATE_JOB
 * an answer of the server (RestClientException)   SUBMIT_REJECTED
 * a connection refused                            CLUSTER_UNREACHABLE
 * any other trouble after the request was made    SUBMIT_UNKNOWN
 * trouble before any request                      SUBMIT_REJECTED
 * </pre>
 */
final class SubmitFailure {
  /** The server sends its stack trace as text; its innermost cause is the one that says something. */
  private static final Pattern SERVER_CAUSE = Pattern.compile("(?m)^(?:Caused by: )?[\\w.$]+(?:Exception|Error): (.+)$");

  private SubmitFailure() {}

  static AgentException classify(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable at = failure; at != null && chain.size() < 32; at = at.getCause()) {
      chain.add(at);
    }
    boolean asked = false;
    for (Throwable at : chain) {
      String text = at.getMessage() == null ? "" : at.getMessage();
      if (text.contains("DuplicateJobSubmissionException") || text.contains("Job has already been submitted")) {
        return new AgentException(Code.DUPLICATE_JOB, "The cluster knows a job with this id already.", failure);
      }
      asked |= text.startsWith("Failed to submit JobGraph") || text.startsWith("Failed to submit StreamGraph") || at.getClass().getSimpleName().equals("JobSubmissionException");
    }
    for (Throwable at : chain) {
      if (at instanceof RestClientException) {
        return new AgentException(Code.SUBMIT_REJECTED, "The cluster refused the job: " + serverCause(at.getMessage()), failure);
      }
    }
    for (Throwable at : chain) {
      if (at instanceof ConnectException) {
        return new AgentException(Code.CLUSTER_UNREACHABLE, "The cluster does not answer: " + at.getMessage(), failure);
      }
    }
    Throwable root = chain.get(chain.size() - 1);
    String why = root.getMessage() == null ? root.toString() : root.getMessage();
    if (asked || failure instanceof InterruptedException || root instanceof InterruptedException) {
      return new AgentException(Code.SUBMIT_UNKNOWN, "No answer came, so the job may run or not: " + why, failure);
    }
    return new AgentException(Code.SUBMIT_REJECTED, "The job could not be submitted: " + why, failure);
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
