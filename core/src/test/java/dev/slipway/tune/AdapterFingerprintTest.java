package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.infer.Embedder;
import dev.slipway.infer.LanguageModel;
import dev.slipway.model.gguf.GgufFileType;
import dev.slipway.model.pretrained.Export;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterFingerprintTest {
  @TempDir private Path temp;

  @BeforeEach
  void copy() throws IOException, URISyntaxException {
    Path published =
        Path.of(
            Objects.requireNonNull(getClass().getResource("/dev/slipway/model/published/llama"))
                .toURI());
    Files.createDirectory(base());
    try (Stream<Path> files = Files.list(published)) {
      for (Path file : files.toList()) {
        Files.copy(file, base().resolve(file.getFileName().toString()));
      }
    }
  }

  private Path base() {
    return temp.resolve("base");
  }

  private Path adapter() {
    return temp.resolve("adapter");
  }

  @Test
  void anAdapterOfAnotherTextIsRefusedWithWhatDiffers() throws IOException {
    TuningMethod lora = TuningMethod.Lora.of(2, 4, new Targets.AllLinear(), false, false);
    TunedDecoder.Way way = new TunedDecoder.Way(DType.FLOAT32, false);
    try (TunedDecoder model = TunedDecoder.open(base(), lora, way, 1)) {
      TunedFolder.write(adapter(), model, base(), base().toString(), Map.of());
    }
    TextFingerprint learnt = Objects.requireNonNull(TextFingerprint.recorded(adapter()));
    assertThat(learnt).isEqualTo(ModelFolder.at(base()).textFingerprint());
    TunedDecoder.answering(base(), adapter(), DType.FLOAT32).close();
    TunedFolder.merge(base(), adapter(), temp.resolve("merged"));
    assertThat(TextFingerprint.recorded(temp.resolve("merged"))).isEqualTo(learnt);

    Files.writeString(base().resolve("chat_template.jinja"), "{{ messages | length }}");
    for (Runnable use :
        List.<Runnable>of(
            () -> TunedDecoder.answering(base(), adapter(), DType.FLOAT32).close(),
            () -> TunedFolder.merge(base(), adapter(), temp.resolve("again")))) {
      assertThatThrownBy(use::run)
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> {
                assertThat(e.code()).isEqualTo("tokenizer.fingerprint-mismatch");
                assertThat(e.line())
                    .contains("the adapter " + adapter())
                    .contains("the model " + base())
                    .contains("they differ in the chat template;");
              });
    }
    Files.delete(adapter().resolve(TextFingerprint.FILE)); // it says nothing
    TunedDecoder.answering(base(), adapter(), DType.FLOAT32).close();
  }

  @Test
  void aModelThatWasChangedSinceItWasWrittenIsRefusedByWhateverReadsTexts() throws IOException {
    ModelFolder.at(base()).textFingerprint().write(base());
    LanguageModel.open(base()).close();
    Files.writeString(base().resolve("chat_template.jinja"), "{{ messages | length }}");
    for (Runnable use :
        List.<Runnable>of(
            () -> LanguageModel.open(base()).close(),
            () -> Embedder.open(base()).close(),
            () ->
                Export.gguf(
                    base(), GgufFileType.F16, "base", temp.resolve("base.gguf"), (_, _) -> {}))) {
      assertThatThrownBy(use::run)
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> {
                assertThat(e.code()).isEqualTo("tokenizer.fingerprint-mismatch");
                assertThat(e.line())
                    .contains(base() + " was made with")
                    .contains("they differ in the chat template;");
              });
    }
    assertThat(temp.resolve("base.gguf")).doesNotExist();
  }
}
