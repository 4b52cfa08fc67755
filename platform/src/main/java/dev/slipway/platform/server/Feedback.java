package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.feedback.FeedbackFile;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /v1/feedback}: a rating of an answer, or a better one, by the answer's id. Each is a
 * line of a file which {@code data.source} of a recipe reads as it is: as conversations (those that
 * were liked or corrected), as pairs of preferences (the corrected ones) and as rated answers (all
 * of them).
 */
final class Feedback implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Feedback.class.getName());

  private static final Set<String> KNOWN =
      new TreeSet<>(List.of("id", "choice", "rating", "correction", "comment"));

  private static final int ANSWERS = 10_000;
  private static final long CHARS = 32L << 20;
  private static final Duration KEPT = Duration.ofHours(24);
  private static final long BYTES = 1L << 30;

  private final FeedbackFile file;
  private final AnswerLedger ledger;

  Feedback(FeedbackFile file, AnswerLedger ledger) {
    this.file = file;
    this.ledger = ledger;
  }

  /** Opens the file, or begins one. */
  static Feedback open(Path path) {
    return new Feedback(
        FeedbackFile.open(path, BYTES), new AnswerLedger(ANSWERS, CHARS, KEPT, System::nanoTime));
  }

  AnswerLedger ledger() {
    return ledger;
  }

  void handle(ServerRequest http, ServerResponse response, int maxBodyBytes) {
    RequestFields fields = RequestFields.of(RequestBody.json(http, maxBodyBytes));
    fields.require(KNOWN, List.of());
    JsonNode given = fields.field("id");
    if (given == null) {
      throw ApiProblem.invalid(
          "id", "missing_required_parameter", "you must provide 'id', that of the answer");
    }
    String id = RequestFields.string("id", given);
    AnswerLedger.Answered answer = ledger.find(id);
    if (answer == null || !answer.caller().equals(Callers.of(http).name())) {
      throw ApiProblem.refused(
          404,
          "id",
          "answer_not_found",
          "there is no answer '"
              + RequestFields.shown(id)
              + "' of yours; answers are remembered for "
              + KEPT.toHours()
              + " hours, while the service runs");
    }
    int choice = fields.integer("choice", 0, 0, answer.completions().size() - 1);
    String rating = text(fields, "rating");
    if (rating != null && !rating.equals("up") && !rating.equals("down")) {
      throw ApiProblem.invalid(
          "rating",
          "invalid_value",
          "'rating' is '" + RequestFields.shown(rating) + "', expected up or down");
    }
    String correction = text(fields, "correction");
    if (rating == null && correction == null) {
      throw ApiProblem.invalid(
          "rating",
          "missing_required_parameter",
          "you must provide 'rating', or 'correction', or both");
    }
    if (correction != null && correction.isBlank()) {
      throw ApiProblem.invalid("correction", "invalid_value", "'correction' is empty");
    }
    store(answer, choice, row(id, answer, choice, rating, correction, text(fields, "comment")));
    ResponseBody.json(
        http,
        response,
        Json.object().put("object", "feedback").put("id", id).put("choice", choice));
  }

  private static @Nullable String text(RequestFields fields, String name) {
    JsonNode value = fields.field(name);
    return value == null ? null : RequestFields.string(name, value);
  }

  /** The last word counts: what was said of the choice before is taken back. */
  private void store(AnswerLedger.Answered answer, int choice, ObjectNode row) {
    synchronized (answer) {
      FeedbackFile.Place place;
      try {
        place = file.append(row);
      } catch (FeedbackFile.Full e) {
        throw ApiProblem.notStored("feedback_full", String.valueOf(e.getMessage()));
      } catch (SlipwayException e) {
        LOG.log(System.Logger.Level.ERROR, "feedback is not stored: " + e.getMessage());
        throw ApiProblem.notStored(
            "feedback_not_stored",
            "the service could not write the feedback, and nothing of it is kept; its log says why");
      }
      FeedbackFile.Place before = answer.given().put(choice, place);
      if (before != null) {
        file.blank(before);
      }
    }
  }

  /** Columns that say nothing here are null and not left out, so that each format finds its own. */
  private static ObjectNode row(
      String id,
      AnswerLedger.Answered answer,
      int choice,
      @Nullable String rating,
      @Nullable String correction,
      @Nullable String comment) {
    JsonNode completion = answer.completions().get(choice);
    boolean chat = answer.prompt().isArray();
    JsonNode said = chat ? Json.array().add(completion) : completion;
    JsonNode better = correction == null ? null : better(chat, correction);
    boolean label = "up".equals(rating);
    ObjectNode row =
        Json.object()
            .put("id", id)
            .put("choice", choice)
            .put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
            .put("model", answer.model())
            .put("version", answer.version())
            .put("rating", rating)
            .put("comment", comment);
    row.set("prompt", answer.prompt());
    row.set("completion", said);
    row.put("label", label);
    row.set("chosen", better);
    row.set("rejected", better == null ? null : said);
    JsonNode good = better != null ? better : label ? said : null;
    row.set(
        "messages",
        chat && good != null
            ? Json.array().addAll((ArrayNode) answer.prompt()).addAll((ArrayNode) good)
            : null);
    row.set("tools", answer.tools());
    return row;
  }

  private static JsonNode better(boolean chat, String correction) {
    if (!chat) {
      return Json.tree(correction);
    }
    ArrayNode messages = Json.array();
    messages.addObject().put("role", "assistant").put("content", correction);
    return messages;
  }

  @Override
  public void close() {
    file.close();
  }
}
