package dev.slipway.tokenizer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A template can neither run on for ever nor fill the memory. */
class LimitsTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2024, 1, 1, 0, 0);
  private static final Limits SMALL = new Limits(1_000_000, 1 << 20, 50);

  private static String render(String template) {
    return Template.parse(template).render(Map.of(), NOW, SMALL).text();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [0] * 1000000000 }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ '%1000000d' % 1 ~ '%999999d' % 2 }}",
        "{{ 'a'|center(100000000) }}",
        "{{ 2 ** 100000000 }}",
        "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x|tojson }}",
        "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}",
        "{% set n = namespace(x=1) %}{% for i in range(100000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}",
        "{% set n = namespace(x=(1,)) %}{% for i in range(99) %}{% set n.x = (n.x, n.x) %}{% endfor %}{{ {n.x: 1} }}",
        "{% for a in range(100000) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}",
        "{% for n in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% for i in range(1000) %}{{ ('a,' * 100000).split(',') | length }}{% endfor %}",
        "{{ ('x' * 1000000).replace('', 'yyyyyyyyyy') }}",
      })
  void whatIsTooMuchIsStopped(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOfSatisfying(
            TemplateException.class, e -> assertThat(e.kind()).isEqualTo(TemplateException.LIMIT));
  }

  @Test
  void manyWordsAreSplitInOnePass() {
    String words = "{{ ('a ' * 60000).%s | length }}";
    assertThat(
            Template.parse(words.formatted("split()")).render(Map.of(), NOW, Limits.USUAL).text())
        .isEqualTo("60000");
    assertThat(
            Template.parse(words.formatted("rsplit(none, 30000)"))
                .render(Map.of(), NOW, Limits.USUAL)
                .text())
        .isEqualTo("30001");
  }

  @Test
  void deepNestingIsRefusedWhenItIsRead() {
    for (String template :
        new String[] {
          "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}",
          "{{ " + "not ".repeat(100_000) + "1 }}",
          "{{ " + "-".repeat(100_000) + "1 }}",
          "{% if 1 %}".repeat(100_000),
          "{{ 1" + " if 1 else 1".repeat(100_000) + " }}"
        }) {
      assertThatThrownBy(() -> Template.parse(template)).isInstanceOf(TemplateException.class);
    }
  }

  @Test
  void longChainsAreEitherRenderedOrRefused() {
    for (String template :
        new String[] {
          "{{ 1" + " + 1".repeat(100_000) + " }}",
          "{{ a" + ".b".repeat(100_000) + " }}",
          "{{ 'a'" + "|upper".repeat(100_000) + " }}"
        }) {
      assertThatThrownBy(() -> render(template))
          .isInstanceOfSatisfying(
              TemplateException.class,
              e -> assertThat(e.kind()).isEqualTo(TemplateException.LIMIT));
    }
  }

  @Test
  void theSameTemplateUsesTheSameSteps() {
    String template = "{% for a in range(100) %}{{ a }}{% endfor %}";
    assertThat(render(template)).startsWith("0123").hasSize(190);
  }
}
