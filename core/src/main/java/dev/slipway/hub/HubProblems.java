package dev.slipway.hub;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sentences about the hub and what is pulled from it. */
final class HubProblems {
  private HubProblems() {}

  static SlipwayException badName(String name) {
    return new SlipwayException(
        Exit.USAGE,
        "hub.bad-name",
        "'" + name + "' is no model's name, expected ORG/NAME or ORG/NAME@REVISION",
        "write it as the model's page does");
  }

  static SlipwayException badAddress(String address) {
    return new SlipwayException(
        Exit.USAGE,
        "hub.bad-endpoint",
        "HF_ENDPOINT is '" + address + "', expected an http or https address",
        "correct it or unset it");
  }

  static SlipwayException badProxy(String address) {
    return new SlipwayException(
        Exit.USAGE,
        "hub.bad-proxy",
        "the environment names the proxy '"
            + address
            + "', expected http://HOST:PORT without a user",
        "correct https_proxy, http_proxy or all_proxy, or name the host in no_proxy");
  }

  static SlipwayException offline() {
    return new SlipwayException(
        Exit.RESOURCE, "hub.offline", "HF_HUB_OFFLINE forbids to ask the hub", "unset it");
  }

  static SlipwayException notFound(RepoId repo, String why) {
    return new SlipwayException(
        Exit.INPUT,
        "hub.not-found",
        "the hub has no %s (%s)".formatted(repo.shown(), why),
        "check the name and the revision");
  }

  static SlipwayException refused(RepoId repo, int status, String why, boolean withToken) {
    return new SlipwayException(
        Exit.INPUT,
        "hub.refused",
        "the hub does not give %s: status %d%s"
            .formatted(repo.shown(), status, why.isEmpty() ? "" : ", " + why),
        withToken
            ? "check the name, and ask on the model's page for access with the account of your token"
            : "check the name; a private or gated model needs HF_TOKEN");
  }

  static SlipwayException unexpected(RepoId repo, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "hub.unexpected",
        "the hub's answer about " + repo.shown() + " is not to be understood: " + what,
        "check HF_ENDPOINT, or try again later");
  }

  static SlipwayException noWeights(RepoId repo, List<String> files) {
    return new SlipwayException(
        Exit.INPUT,
        "hub.no-weights",
        "%s has no safetensors; its files are %s".formatted(repo.shown(), files),
        "take a model or revision with safetensors: pickles are not opened");
  }

  static SlipwayException unavailable(RepoId repo, String why, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.RESOURCE,
        "hub.unavailable",
        "the hub could not be asked about " + repo.shown() + ": " + why,
        "check the network and HF_ENDPOINT, and run again",
        cause);
  }

  /** Of a model's files. */
  static final DownloadProblems OF_DOWNLOADS =
      new DownloadProblems() {
        @Override
        public SlipwayException unavailable(
            String file, List<String> attempts, @Nullable Path folder, @Nullable Throwable cause) {
          return new SlipwayException(
              Exit.RESOURCE,
              "hub.unavailable",
              file + " could not be downloaded: " + String.join("; ", attempts),
              "check the network and pull again, which goes on where it stopped",
              cause);
        }

        @Override
        public SlipwayException wrongSum(String file, String found, Checksum expected) {
          return new SlipwayException(
              Exit.INPUT,
              "hub.checksum",
              "%s was downloaded with the %s %s, expected %s"
                  .formatted(file, expected.kind().shown(), found, expected.expected()),
              "pull again, and if it comes again, don't use it");
        }

        @Override
        public SlipwayException busy(Path file) {
          return new SlipwayException(
              Exit.LOCKED,
              "hub.busy",
              "another process downloads " + file,
              "wait until it is there and pull again");
        }

        @Override
        public SlipwayException interrupted(Throwable cause) {
          return new SlipwayException(
              Exit.INTERRUPTED,
              "hub.interrupted",
              "stopped while a model was downloaded",
              "pull again, which goes on where it stopped",
              cause);
        }
      };
}
