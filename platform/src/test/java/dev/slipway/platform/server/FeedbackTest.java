package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.data.conversation.ConversationMapping;
import dev.slipway.data.conversation.PreferenceFormat;
import dev.slipway.data.conversation.PreferenceMapping;
import dev.slipway.data.source.Derivation;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.data.source.SourceRecord;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Feedback over real HTTP, into a file that training opens. */
class FeedbackTest {
  @TempDir Path folder;
  private Path file = Path.of("");
  private ModelServer server;
  private Http http;

  @BeforeEach
  void start() throws InterruptedException {
    file = folder.resolve("feedback.jsonl");
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withFeedback(file), "toy", FakeEngine::new, List.of());
    server.awaitReady();
    http = new Http(server, "/v1/chat/completions");
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private JsonNode answer(int n) throws Exception {
    return http.ask(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":3,\"temperature\":0,\"n\":"
            + n
            + "}");
  }

  private HttpResponse<String> give(String body) throws Exception {
    return http.post("/v1/feedback", body.replace('\'', '"'));
  }

  private void took(String body) throws Exception {
    HttpResponse<String> response = give(body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(Http.json(response.body()).get("object").stringValue()).isEqualTo("feedback");
  }

  private List<String> read(Derivation derivation) {
    List<String> records = new ArrayList<>();
    try (RecordReader reader = new Source.Derived(new Source.Rows(file), derivation).open()) {
      for (RecordReader.PendingRecord next = reader.next(); next != null; next = reader.next()) {
        SourceRecord record = next.read();
        if (record.problem() == null) {
          records.add(new String(record.content(), StandardCharsets.UTF_8));
        }
      }
    }
    return records;
  }

  private static final String HI = "{\"role\":\"user\",\"content\":\"hi\"}";
  private static final String BCD = "{\"role\":\"assistant\",\"content\":\"bcd\"}";
  private static final String BETTER = "{\"role\":\"assistant\",\"content\":\"hello\"}";

  @Test
  void trainingReadsWhatWasGiven() throws Exception {
    JsonNode two = answer(2);
    String liked = two.get("id").stringValue();
    took("{'id':'" + liked + "','rating':'up'}");
    took("{'id':'" + liked + "','choice':1,'rating':'down','comment':'dull'}");
    String corrected = answer(1).get("id").stringValue();
    took("{'id':'" + corrected + "','correction':'hello'}");
    assertThat(read(new ConversationMapping(null, "data.source.conversations")))
        .containsExactly(
            "{\"messages\":[" + HI + "," + BCD + "]}",
            "{\"messages\":[" + HI + "," + BETTER + "]}");
    assertThat(
            read(
                new PreferenceMapping(
                    new PreferenceFormat.Pairs("prompt", "chosen", "rejected", "margin"),
                    "data.source.preferences")))
        .containsExactly(
            "{\"prompt\":[" + HI + "],\"chosen\":[" + BETTER + "],\"rejected\":[" + BCD + "]}");
    assertThat(
            read(
                new PreferenceMapping(
                    new PreferenceFormat.Rated("prompt", "completion", "label"),
                    "data.source.preferences")))
        .containsExactly(
            "{\"prompt\":[" + HI + "],\"completion\":[" + BCD + "],\"label\":true}",
            "{\"prompt\":[" + HI + "],\"completion\":[" + BCD + "],\"label\":false}",
            "{\"prompt\":[" + HI + "],\"completion\":[" + BCD + "],\"label\":false}");
    JsonNode row = Json.parse(Files.readAllLines(file).get(1), "row");
    assertThat(row.get("id").stringValue()).isEqualTo(liked);
    assertThat(row.get("model").stringValue()).startsWith("toy");
    assertThat(row.get("comment").stringValue()).isEqualTo("dull");
  }

  @Test
  void theLastWordCounts() throws Exception {
    String id = answer(1).get("id").stringValue();
    took("{'id':'" + id + "','rating':'up'}");
    took("{'id':'" + id + "','rating':'down'}");
    assertThat(read(new ConversationMapping(null, "data.source.conversations"))).isEmpty();
    assertThat(Files.readAllLines(file).stream().filter(line -> !line.isBlank())).hasSize(1);
  }

  @Test
  void aStreamAndACompletionCanBeRated() throws Exception {
    JsonNode chunk =
        http.stream(
                "{\"messages\":[" + HI + "],\"max_tokens\":3,\"temperature\":0,\"stream\":true}")
            .getFirst();
    took("{'id':'" + chunk.get("id").stringValue() + "','rating':'up'}");
    String body =
        http.post("/v1/completions", "{\"prompt\":\"xa\",\"max_tokens\":3,\"temperature\":0}")
            .body();
    took("{'id':'" + Http.json(body).get("id").stringValue() + "','correction':'bce'}");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines.getFirst()).contains("\"messages\":[" + HI + "," + BCD + "]");
    assertThat(lines.getLast())
        .contains("\"prompt\":\"xa\",\"completion\":\"bcd\",\"label\":false,\"chosen\":\"bce\"")
        .contains("\"rejected\":\"bcd\",\"messages\":null");
  }

  @Test
  void refusesWhatItCanNotTake() throws Exception {
    String id = answer(1).get("id").stringValue();
    assertThat(give("{'id':'chatcmpl-nobody','rating':'up'}").statusCode()).isEqualTo(404);
    assertThat(give("{'id':'chatcmpl-nobody','rating':'up'}").body()).contains("answer_not_found");
    for (String body :
        List.of(
            "{'rating':'up'}",
            "{'id':'" + id + "'}",
            "{'id':'" + id + "','rating':'good'}",
            "{'id':'" + id + "','correction':' '}",
            "{'id':'" + id + "','choice':1,'rating':'up'}",
            "{'id':'" + id + "','rating':'up','prompt':'mine'}")) {
      assertThat(give(body).statusCode()).as(body).isEqualTo(400);
    }
    assertThat(Files.size(file)).isZero();
  }

  @Test
  void nobodyStoresAnythingWithoutTheKeyThatTheServiceTold() throws Exception {
    String id = answer(1).get("id").stringValue(); // asked without one
    String up = "{\"id\":\"" + id + "\",\"rating\":\"up\"}";
    for (String given : List.of("", "Bearer ", "Bearer none", "Basic " + server.sessionKey())) {
      HttpResponse<String> refused = http.post("/v1/feedback", up, "Authorization", given);
      assertThat(refused.statusCode()).as(given).isEqualTo(401);
      assertThat(refused.body()).contains("invalid_api_key", "told when it was started");
      assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
    }
    assertThat(
            http.post("/v1/completions", "{\"prompt\":\"a\"}", "Authorization", "Bearer none")
                .statusCode())
        .isEqualTo(200);
    assertThat(Files.size(file)).isZero();
    took(up.replace('"', '\''));
    assertThat(Files.size(file)).isPositive();
  }

  @Test
  void aServiceWithoutAFileTakesNone() throws Exception {
    try (ModelServer plain =
            ModelServer.start(ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of());
        Http other = new Http(plain)) {
      plain.awaitReady();
      HttpResponse<String> response = other.post("/v1/feedback", "{\"id\":\"a\"}");
      assertThat(plain.sessionKey()).isNull();
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(response.body()).contains("feedback_disabled", "--feedback");
    }
  }

  private static AnswerLedger.Answered answered(String text) {
    return new AnswerLedger.Answered("", "toy", "1", Json.tree(text), null, List.of(Json.tree("")));
  }

  @Test
  void forgetsWhatIsOldOrTooMuch() {
    AtomicLong now = new AtomicLong();
    AnswerLedger ledger = new AnswerLedger(3, 100, Duration.ofSeconds(1), now::get);
    ledger.remember("a", answered("a"));
    now.set(600_000_000);
    ledger.remember("b", answered("b"));
    assertThat(ledger.find("a")).isNotNull();
    now.set(1_200_000_000);
    assertThat(ledger.find("a")).isNull();
    assertThat(ledger.find("b")).isNotNull();
    ledger.remember("c", answered("c"));
    ledger.remember("d", answered("d"));
    ledger.remember("e", answered("e"));
    assertThat(ledger.find("b")).isNull();
    assertThat(ledger.find("c")).isNotNull();
    ledger.remember("f", answered("x".repeat(95)));
    assertThat(ledger.find("e")).isNull();
    assertThat(ledger.find("f")).isNotNull();
    ledger.remember("g", answered("x".repeat(200)));
    assertThat(ledger.find("g")).isNull();
  }
}
