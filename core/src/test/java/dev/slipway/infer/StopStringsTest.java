package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void holdsBackWhatMayBeAStop() {
    StopStrings stops = new StopStrings(List.of("\n\n", "END"));
    assertThat(stops.next("a\n")).isEqualTo("a");
    assertThat(stops.next("bE")).isEqualTo("\nb");
    assertThat(stops.next("N")).isEmpty();
    assertThat(stops.next("Dx")).isEmpty();
    assertThat(stops.found()).isTrue();
  }

  /** As vLLM has it: a text ends an answer only if its own end comes late enough. */
  @Test
  void whatEndsTooEarlyIsText() {
    StopStrings stops = new StopStrings(List.of("ab", "b"));
    assertThat(stops.pass("xab")).isEqualTo("xab");
    assertThat(stops.pass("ya")).isEqualTo("y");
    assertThat(stops.found()).isFalse();
    assertThat(stops.next("bz")).isEmpty();
    assertThat(stops.found()).isTrue();
  }

  @Property
  void anyCutGivesTheTextBeforeTheFirstStop(
      @ForAll @Size(max = 12)
          List<@StringLength(max = 3) @CharRange(from = 'a', to = 'b') String> pieces,
      @ForAll @Size(min = 1, max = 2)
          List<@StringLength(min = 1, max = 4) @CharRange(from = 'a', to = 'b') String> stops) {
    StopStrings found = new StopStrings(stops);
    StringBuilder given = new StringBuilder();
    StringBuilder whole = new StringBuilder();
    for (String piece : pieces) {
      whole.append(piece);
      given.append(found.next(piece));
      if (found.found()) {
        break;
      }
    }
    given.append(found.finish());
    int first = stops.stream().mapToInt(whole::indexOf).filter(at -> at >= 0).min().orElse(-1);
    assertThat(found.found()).isEqualTo(first >= 0);
    assertThat(given).hasToString(first >= 0 ? whole.substring(0, first) : whole.toString());
  }
}
