package dev.slipway.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
  record Point(int y, double x, List<String> names, Instant when, Duration took) {}

  record Holder(String name, Optional<Integer> count, Map<String, Integer> totals) {}

  private static final Point POINT =
      new Point(
          2,
          0.5,
          List.of("a", "ğ"),
          Instant.parse("2026-01-02T03:04:05Z"),
          Duration.ofMillis(1500));

  @Test
  void writesFieldsInTheirOrderAndTimesInIso() {
    assertThat(Json.line(POINT))
        .isEqualTo(
            "{\"y\":2,\"x\":0.5,\"names\":[\"a\",\"ğ\"],\"when\":\"2026-01-02T03:04:05Z\",\"took\":\"PT1.5S\"}");
    assertThat(Json.write(Map.of("b", 1, "a", List.of(1, 2))))
        .isEqualTo("{\n  \"a\": [ 1, 2 ],\n  \"b\": 1\n}\n");
  }

  @Test
  void readsWhatItWrote() {
    assertThat(Json.parse(Json.write(POINT), "text", Point.class)).isEqualTo(POINT);
    Holder holder = new Holder("h", Optional.of(3), Map.of("x", 1));
    assertThat(Json.as(Json.tree(holder), "tree", Holder.class)).isEqualTo(holder);
    assertThat(Json.parse("{\"name\":\"n\",\"totals\":{}}", "text", Holder.class).count())
        .isEmpty();
  }

  @Test
  void saysWhereTheTextIsWrong(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("a.json"), "{\n  \"y\": 1,\n  \"x\": oops\n}");
    assertThat(thrown(() -> Json.read(file)))
        .hasMessageContaining(file + ", line 3, column ")
        .hasMessageContaining("oops");
    assertThat(thrown(() -> Json.parse("{\"y\":1,\"y\":2}", "twice")))
        .hasMessageContaining("twice");
    assertThat(thrown(() -> Json.parse("{\"y\":\"text\"}", "wrong", Point.class)))
        .hasMessageContaining("wrong, line 1, column ")
        .hasMessageContaining("at y");
    assertThat(thrown(() -> Json.parse("null", "nothing", Point.class)))
        .hasMessageContaining("nothing holds null");
    assertThat(thrown(() -> Json.parse("{} {}", "two"))).hasMessageContaining("two");
    SlipwayException missing = thrown(() -> Json.read(folder.resolve("none.json")));
    assertThat(missing.exit()).isEqualTo(Exit.INPUT);
    assertThat(missing.code()).isEqualTo("json.missing");
    assertThat(thrown(() -> Json.read(folder)).code()).isEqualTo("json.unreadable");
  }

  private static SlipwayException thrown(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    SlipwayException thrown = catchThrowableOfType(SlipwayException.class, call);
    assertThat(thrown).isNotNull();
    return thrown;
  }
}
