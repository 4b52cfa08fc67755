package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code slipway pull}, and models by the names that they are pulled by. */
class PulledModelTest {
  @Test
  void aNameThatIsNoneIsRefusedBeforeAnybodyIsAsked() {
    Cli.run("pull", "../../etc/passwd", "--json").fails(2, "hub.bad-name");
    Cli.run("pull", "gpt2").fails(2, "hub.bad-name", "ORG/NAME");
  }

  @Test
  void aModelThatWasNotPulledIsToldHowToBe() {
    Cli.run("tokenize", "nobody-has/this-model", "--text", "no-such-file")
        .fails(3, "model.missing", "slipway pull nobody-has/this-model");
    assertThat(Cli.run("pull", "--help").out()).contains("HF_ENDPOINT");
  }
}
