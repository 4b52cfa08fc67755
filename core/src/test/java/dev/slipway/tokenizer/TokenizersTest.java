package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class TokenizersTest {
  private static final String JSON = GeneratedStrings.resource("tokenizer.json");

  @TempDir Path folder;

  @Test
  void aWrittenFolderOpensAsTheSameTokenizer() {
    Tokenizer tokenizer = Tokenizers.of(JSON, "tokenizer.json");
    Tokenizers.write(tokenizer, folder, 256);
    for (Path path : List.of(folder, folder.resolve("tokenizer.json"))) {
      Tokenizer opened = Tokenizers.open(path);
      assertThat(opened).isInstanceOf(BpeTokenizer.class);
      assertThat(opened.fingerprint()).isEqualTo(tokenizer.fingerprint()).hasSize(64);
    }
    JsonNode config = Json.read(folder.resolve("tokenizer_config.json"));
    assertThat(config.path("model_max_length").asInt()).isEqualTo(256);
    JsonNode map = Json.read(folder.resolve("special_tokens_map.json"));
    for (String role : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      assertThat(config.path(role).asString()).isEqualTo("<|endoftext|>");
      assertThat(map.path(role).asString()).isEqualTo("<|endoftext|>");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokenizer_config.json|{\"bos_token\": |tokenizer_config.json",
        "tokenizer_config.json|[]|is no JSON object",
        "special_tokens_map.json|3|is no JSON object"
      })
  void whatLiesBrokenBesideATokenizerIsRefused(String name, String content, String sentence)
      throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), JSON);
    Files.writeString(folder.resolve(name), content);
    assertThatThrownBy(() -> Tokenizers.open(folder))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(sentence);
  }

  @Test
  void theFingerprintLooksAtWhatATokenizerIsNotAtHowItsFileIsLaidOut() {
    ObjectNode root = root();
    ArrayNode merges = Json.array();
    root.path("model")
        .path("merges")
        .forEach(merge -> merges.add(merge.get(0).asString() + " " + merge.get(1).asString()));
    ((ObjectNode) root.path("model")).set("merges", merges);
    Tokenizer expected = Tokenizers.of(JSON, "tokenizer.json");
    assertThat(Tokenizers.of(Json.write(root), "old layout").fingerprint())
        .isEqualTo(expected.fingerprint());

    ArrayNode fewer = merges.deepCopy();
    fewer.remove(fewer.size() - 1);
    ((ObjectNode) root.path("model")).set("merges", fewer);
    assertThat(Tokenizers.of(Json.write(root), "other").fingerprint())
        .isNotEqualTo(expected.fingerprint());
  }

  @Test
  void addedTokensBeyondTheVocabularyAreTokensLikeOthers() {
    ObjectNode root = root();
    addToken(root, 1200, "<|user|>", true);
    addToken(root, 1201, "<|user|>s", false);
    Tokenizer tokenizer = Tokenizers.of(Json.write(root), "with added tokens");
    assertThat(tokenizer).isInstanceOf(BpeTokenizer.class);
    assertThat(tokenizer.vocabularySize()).isEqualTo(1202);
    assertThat(tokenizer.specialIds()).containsExactly(0, 1200);
    int[] ids = tokenizer.encode("<|user|>s<|user|>!");
    assertThat(ids).containsExactly(1201, 1200, tokenizer.id("!"));
    assertThat(tokenizer.decode(ids, true)).isEqualTo("<|user|>s!");
    assertThat(Tokenizers.of(tokenizer.json(), "written").fingerprint())
        .isEqualTo(tokenizer.fingerprint());
  }

  @ParameterizedTest
  @CsvSource({
    "/pre_tokenizer/add_prefix_space, true",
    "/pre_tokenizer/use_regex, false",
    "/model/ignore_merges, true",
    "/added_tokens/0/lstrip, true",
  })
  void whatOurEncoderLacksIsLeftToTheLibrary(String pointer, boolean value) {
    ObjectNode root = root();
    int slash = pointer.lastIndexOf('/');
    ((ObjectNode) root.at(pointer.substring(0, slash))).put(pointer.substring(slash + 1), value);
    Tokenizer tokenizer = Tokenizers.of(Json.write(root), "changed");
    assertThat(tokenizer).isInstanceOf(ForeignTokenizer.class);
    assertThat(tokenizer.decode(tokenizer.encode("int x"), true).strip()).isEqualTo("int x");
  }

  @Test
  void aLargeVocabularyOpens() {
    List<String> tokens = new ArrayList<>();
    for (int b : ByteAlphabet.inOrder()) {
      tokens.add(ByteAlphabet.spell(b));
    }
    List<BpeModel.Merge> merges = new ArrayList<>();
    for (String left : List.copyOf(tokens)) {
      for (String right : List.copyOf(tokens.subList(0, 256))) {
        merges.add(new BpeModel.Merge(left, right));
        tokens.add(left + right);
      }
    }
    BpeModel model = BpeModel.trained(tokens, merges, List.of());
    Tokenizer tokenizer = Tokenizers.of(TokenizerJson.write(model), "large");
    assertThat(tokenizer).isInstanceOf(BpeTokenizer.class);
    assertThat(tokenizer.vocabularySize()).isEqualTo(256 + 65536);
    assertThat(tokenizer.encodeWithSpecialTokens("ab")).containsExactly(tokenizer.id("ab"));
    assertThat(tokenizer.decode(tokenizer.encode("你好吗"), true)).isEqualTo("你好吗");
  }

  @Test
  void problemsAreSentences() throws IOException {
    assertProblem(
        folder, "tokenizer.missing", "there is no file " + folder.resolve("tokenizer.json"));
    assertProblem(folder.resolve("x.json"), "tokenizer.missing", "there is no file");
    assertProblem(file(""), "tokenizer.malformed", "has no \"model\" with a \"vocab\"");
    assertProblem(file("[]"), "tokenizer.malformed", "has no \"model\" with a \"vocab\"");
    assertProblem(file("{\"model\": {\"type\": \"BPE\""), "json.malformed", "line 1");
    assertProblem(file("{\"model\": {}}"), "tokenizer.malformed", "with a \"vocab\"");
    assertProblem(
        file("{\"model\": {\"type\": \"Quantum\", \"vocab\": {}}}"),
        "tokenizer.malformed",
        "the type Quantum, known are [BPE, WordPiece, WordLevel, Unigram]");
    ObjectNode root = root();
    ((ArrayNode) root.path("model").path("merges")).addArray().add("zz").add("zz");
    assertProblem(file(Json.write(root)), "tokenizer.malformed", "Token `zz` out of vocabulary");
    Path binary = Files.write(folder.resolve("binary.json"), new byte[] {'{', (byte) 0xFF, 0});
    assertProblem(binary, "tokenizer.malformed", "is not UTF-8");
    Path huge = folder.resolve("huge.json");
    try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
      sparse.setLength(300L << 20);
    }
    assertProblem(huge, "tokenizer.too-large", "has 300 MB, a tokenizer.json at most 256");
  }

  private void assertProblem(Path path, String code, String sentence) {
    assertThatThrownBy(() -> Tokenizers.open(path))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).as(e.line()).isEqualTo(code))
        .hasMessageContaining(sentence);
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("given.json"), content);
  }

  private static ObjectNode root() {
    return (ObjectNode) Json.parse(JSON, "tokenizer.json");
  }

  private static void addToken(ObjectNode root, int id, String content, boolean isSpecial) {
    ((ArrayNode) root.path("added_tokens"))
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("normalized", false)
        .put("special", isSpecial);
  }
}
