package dev.slipway.platform.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.platform.server.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTextTest {
  @TempDir private Path temp;

  @Test
  void aModelThatWasChangedSinceItWasWrittenIsNotServed() throws IOException {
    Path model = temp.resolve("model");
    TinyModel.write(model, 7);
    new ModelFolder(model).textFingerprint().write(model);
    assertThat(ModelText.begin(model, model).told().textFingerprint())
        .isEqualTo(new ModelFolder(model).textFingerprint().value());
    Files.writeString(model.resolve("chat_template.jinja"), "{{ messages | length }}");
    assertThatThrownBy(() -> ModelText.begin(model, model).told())
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo("tokenizer.fingerprint-mismatch");
              assertThat(e.line()).contains(model.toString()).contains("the chat template");
            });
  }
}
