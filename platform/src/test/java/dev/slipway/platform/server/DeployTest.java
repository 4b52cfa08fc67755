package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import dev.slipway.platform.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The files in {@code deploy/} fit the service that they watch. */
class DeployTest {
  private static final Path DEPLOY = Path.of("../deploy");
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
  private static final Pattern METRIC = Pattern.compile("\\b(?:vllm:|slipway_)[a-z0-9_]+");

  @TempDir Path folder;

  private static Set<String> told() throws Exception {
    try (ModelServer server =
            ModelServer.start(ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of());
        Http http = new Http(server)) {
      server.awaitReady();
      http.post("{\"prompt\":\"a\",\"max_tokens\":3}");
      String answers = "slipway_http_requests_total";
      Eventually.holds(answers, () -> http.get("/metrics").body().contains(answers));
      return http.get("/metrics")
          .body()
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.replaceFirst("[{ ].*", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void everyMetricOfTheDashboardAndTheAlertsIsTold() throws Exception {
    Set<String> told = told();
    // Only a service with a certificate has it; TlsTest's has.
    told.add("slipway_tls_certificate_expiry_timestamp_seconds");
    Path dashboard = DEPLOY.resolve("grafana/dashboards/slipway.json");
    JsonNode panels = Json.read(dashboard).path("panels");
    assertThat(panels.size()).isGreaterThan(12);
    int expressions = 0;
    for (JsonNode panel : panels) {
      for (JsonNode target : panel.path("targets")) {
        Matcher metrics = METRIC.matcher(target.path("expr").asString());
        assertThat(metrics.find()).isTrue();
        do {
          assertThat(told).as(panel.path("title").asString()).contains(metrics.group());
          expressions++;
        } while (metrics.find());
      }
    }
    assertThat(expressions).isGreaterThan(25);
    Matcher alerts =
        METRIC.matcher(
            Files.readString(DEPLOY.resolve("prometheus/slipway-alerts.yml"))
                .lines()
                .filter(line -> line.strip().startsWith("expr:"))
                .collect(Collectors.joining("\n")));
    while (alerts.find()) {
      assertThat(told).contains(alerts.group());
    }
  }

  @Test
  void theAlertRulesRaiseWhatTheyShallAndNothingElse() throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "skipped: there is no " + PROMTOOL);
    assertThat(promtool("test", "rules", "slipway-alerts.test.yml")).contains("SUCCESS");
    assertThat(promtool("check", "rules", "slipway-alerts.yml")).contains("9 rules found");
    // The key's file is made when the services are started.
    Path rules = DEPLOY.resolve("prometheus/slipway-alerts.yml");
    Files.copy(rules, folder.resolve("slipway-alerts.yml"));
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(
        config,
        Files.readString(DEPLOY.resolve("prometheus/prometheus.yml"))
            .replace("/run/secrets/metrics-key", "/dev/null"));
    assertThat(promtool("check", "config", config.toString())).contains("SUCCESS");
  }

  private static String promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PROMTOOL.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(DEPLOY.resolve("prometheus").toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** Every field of the manifests is one of Kubernetes' own, and the image's steps are sound. */
  @Test
  void kubernetesAndHadolintFindNothingAmiss() throws Exception {
    Path place = Programs.python("deploy", Path.of("../reference/deploy-requirements.txt"));
    Path deploy = DEPLOY.toAbsolutePath().normalize();
    assertThat(
            Programs.run(
                place,
                place.resolve("bin/kubernetes-validate").toString(),
                "--strict",
                deploy.resolve("kubernetes/slipway.yaml").toString()))
        .contains("deployment/slipway", "service/slipway", "persistentvolumeclaim/slipway-state");
    // Maven's version is the distribution's affair (DL3008): it makes the image and isn't in it.
    Programs.run(
        place,
        place.resolve("bin/hadolint").toString(),
        "--ignore",
        "DL3008",
        deploy.resolve("Dockerfile").toString());
  }

  /** As {@code docker compose config} reads it, variables in their places. */
  @Test
  void theComposeFileIsOneOfTheSpecification() throws Exception {
    Path place = Programs.python("deploy", Path.of("../reference/deploy-requirements.txt"));
    String script =
        "import re, sys, compose_spec\n"
            + "text = re.sub(r'\\$\\{(\\w+)[^}]*\\}', '/models/m', open(sys.argv[1]).read())\n"
            + "found = compose_spec.PyCompose.from_yaml(text)\n"
            + "found.validate()\n"
            + "print(*sorted(found.service_names()))";
    String python = place.resolve("bin/python").toString();
    Path compose = DEPLOY.resolve("compose.yaml").toAbsolutePath().normalize();
    assertThat(Programs.run(place, python, "-c", script, compose.toString()).strip())
        .isEqualTo("grafana prometheus slipway");
    // A field that it has not is found, so that this says something.
    Path wrong = folder.resolve("compose.yaml");
    Files.writeString(wrong, Files.readString(compose).replace("read_only:", "readonly:"));
    assertThatThrownBy(() -> Programs.run(place, python, "-c", script, wrong.toString()))
        .hasMessageContaining("readonly");
  }

  /** A file that is mounted by itself stays the one that it was, and a revoked key would go on. */
  @Test
  void containersSeeTheKeysFolder() throws IOException {
    String told = "\"--keys\", \"/etc/slipway/keys.json\"";
    assertThat(Files.readString(DEPLOY.resolve("Dockerfile"))).contains(told);
    assertThat(Files.readString(DEPLOY.resolve("compose.yaml")))
        .contains(told, "- ./secrets/keys:/etc/slipway:ro");
    assertThat(Files.readString(Path.of("../docs/deploy.md")))
        .contains("-v $PWD/secrets:/etc/slipway:ro");
    assertThat(Files.readString(DEPLOY.resolve("kubernetes/slipway.yaml")))
        .contains("mountPath: /etc/slipway/keys,")
        .doesNotContain("subPath");
  }

  /** The pages have keys made in folders of this name within the checkout. */
  @Test
  void keysAreInNoCommitAndInNoImage() throws IOException {
    assertThat(Files.readAllLines(Path.of("../.gitignore"))).contains("secrets/");
    assertThat(Files.readAllLines(DEPLOY.resolve("Dockerfile.dockerignore")))
        .contains("**/secrets");
  }

  /** What Prometheus itself finds wrong with the service's text. */
  @Test
  void promtoolReadsTheMetrics() throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "skipped: there is no " + PROMTOOL);
    try (ModelServer server =
            ModelServer.start(ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of());
        Http http = new Http(server)) {
      server.awaitReady();
      http.post("{\"prompt\":\"a\",\"max_tokens\":3}");
      Process process =
          new ProcessBuilder(PROMTOOL.toString(), "check", "metrics")
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().write(http.get("/metrics").body().getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      // vLLM's names have colons, which promtool advises against; anything else would be ours.
      assertThat(output.lines().filter(line -> !line.contains("should not contain ':'")))
          .filteredOn(line -> line.startsWith("slipway_") || line.contains("error while"))
          .isEmpty();
    }
  }
}
