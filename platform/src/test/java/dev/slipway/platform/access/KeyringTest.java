package dev.slipway.platform.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.platform.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KeyringTest {
  private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

  @TempDir Path folder;
  private final AtomicReference<Instant> time = new AtomicReference<>(START);
  private final AtomicLong nanos = new AtomicLong();
  private Path path = Path.of("");
  private KeyFile file = new KeyFile(Path.of(""));

  @BeforeEach
  void place() {
    path = folder.resolve("keys.json");
    file = new KeyFile(path);
  }

  private KeyFile.Created create(String name, Scope... scopes) {
    return file.create(name, List.of(scopes), START, null, Limits.NONE);
  }

  private Keyring open(Limits usual) {
    Clock clock = new Settable(time);
    return Keyring.open(path, usual, clock, nanos::get, Duration.ofMillis(10));
  }

  @Test
  void aKeyIsKnownByItsSecretAndTheFileHoldsOnlyItsHash() throws IOException {
    KeyFile.Created ann = create("ann", Scope.INFER);
    KeyFile.Created bob = create("bob", Scope.METRICS, Scope.ADMIN);
    assertThat(ann.secret()).startsWith("sk-slipway-").hasSize(11 + 43);
    assertThat(Files.readString(path)).doesNotContain(ann.secret()).contains(ann.key().hint());
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (Keyring ring = open(Limits.NONE)) {
      Caller caller = ring.caller(ann.secret()).orElseThrow();
      assertThat(caller.name()).isEqualTo("ann");
      assertThat(caller.may(Scope.INFER)).isTrue();
      assertThat(caller.may(Scope.ADMIN)).isFalse();
      assertThat(ring.caller(bob.secret()).orElseThrow().scopes())
          .containsExactlyInAnyOrder(Scope.METRICS, Scope.ADMIN);
      assertThat(ring.caller(ann.secret().substring(1))).isEmpty();
      assertThat(ring.caller(ann.key().hash())).isEmpty();
      assertThat(ring.caller("")).isEmpty();
    }
  }

  @Test
  void aFileThatOthersMayReadStaysSo() throws IOException {
    create("ann", Scope.INFER);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    create("bob", Scope.INFER);
    file.revoke("ann", START);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void theFileIsTakenUpAsItChangesAndDamageLeavesWhatWas() throws Exception {
    KeyFile.Created ann = create("ann", Scope.INFER);
    try (Keyring ring = open(Limits.NONE)) {
      KeyFile.Created bob = create("bob", Scope.INFER);
      Eventually.holds("bob is known", () -> ring.caller(bob.secret()).isPresent());
      file.revoke("ann", START);
      Eventually.holds("ann is not", () -> ring.caller(ann.secret()).isEmpty());
      logged("JSON", () -> Files.writeString(path, "{\"keys\": ["));
      assertThat(ring.caller(bob.secret())).isPresent();
      logged("there is no file of keys", () -> Files.delete(path));
      assertThat(ring.caller(bob.secret())).isPresent();
      KeyFile.Created cid = create("cid", Scope.INFER);
      Eventually.holds("cid is known", () -> ring.caller(cid.secret()).isPresent());
      assertThat(ring.caller(bob.secret())).isEmpty();
    }
  }

  private interface Damage {
    void happens() throws IOException;
  }

  /** Does something to the file, and waits until the ring says that it saw it. */
  private static void logged(String words, Damage damage) throws Exception {
    AtomicBoolean told = new AtomicBoolean();
    Logger log = Logger.getLogger(Keyring.class.getName());
    Handler listening =
        new Handler() {
          @Override
          public void publish(LogRecord said) {
            if (said.getLevel() == Level.SEVERE && said.getMessage().contains(words)) {
              told.set(true);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    log.addHandler(listening);
    try {
      damage.happens();
      Eventually.holds("the damage was seen", told::get);
    } finally {
      log.removeHandler(listening);
    }
  }

  @Test
  void anExpiredKeyStaysExpiredWhenTheClockIsSetBack() {
    KeyFile.Created ann =
        file.create("ann", List.of(Scope.INFER), START, START.plusSeconds(60), Limits.NONE);
    try (Keyring ring = open(Limits.NONE)) {
      time.set(START.plusSeconds(59));
      assertThat(ring.caller(ann.secret())).isPresent();
      time.set(START.plusSeconds(60));
      assertThat(ring.caller(ann.secret())).isEmpty();
      time.set(START);
      assertThat(ring.caller(ann.secret())).isEmpty();
    }
  }

  @Test
  void requestsFillUpEvenlyAndAKeysOwnLimitGoesFirst() {
    KeyFile.Created ann = file.create("ann", List.of(Scope.INFER), START, null, new Limits(2, 0));
    try (Keyring ring = open(new Limits(60, 100))) {
      Allowance allowance = ring.caller(ann.secret()).orElseThrow().allowance();
      assertThat(allowance.limits()).isEqualTo(new Limits(2, 100));
      assertThat(allowance.takeRequest().waits()).isZero();
      assertThat(ring.caller(ann.secret()).orElseThrow().allowance()).isSameAs(allowance);
      Allowance.Standing second = allowance.takeRequest();
      assertThat(second.waits()).isZero();
      assertThat(second.remainingRequests()).isZero();
      assertThat(second.requestsReset()).isEqualTo(Duration.ofMinutes(1));
      Allowance.Standing third = allowance.takeRequest();
      assertThat(third.waits()).isEqualTo(Duration.ofSeconds(30));
      assertThat(third.ofTokens()).isFalse();
      nanos.addAndGet(Duration.ofSeconds(29).toNanos());
      assertThat(allowance.takeRequest().waits()).isPositive();
      nanos.addAndGet(Duration.ofSeconds(2).toNanos());
      assertThat(allowance.takeRequest().waits()).isZero();
    }
  }

  @Test
  void tokensThatWereUsedInDebtArePaidBack() {
    Allowance allowance = new Allowance(new Limits(0, 120), nanos::get);
    allowance.spend(180);
    Allowance.Standing owing = allowance.takeRequest();
    assertThat(owing.ofTokens()).isTrue();
    assertThat(owing.remainingTokens()).isZero();
    // 60 owed and one to have, at two a second.
    assertThat(owing.waits()).isEqualTo(Duration.ofMillis(30_500));
    nanos.addAndGet(Duration.ofMillis(30_500).toNanos());
    assertThat(allowance.takeRequest().waits()).isZero();
    nanos.addAndGet(Duration.ofMinutes(10).toNanos());
    assertThat(allowance.takeRequest().remainingTokens()).isEqualTo(120);
  }

  @Test
  void manyWhoMakeKeysAtOnceLoseNone() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String name = "key-" + i;
      threads.add(Thread.ofPlatform().start(() -> create(name, Scope.INFER)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(file.read()).hasSize(12);
  }

  @Test
  void whatIsWrongIsTold() throws IOException {
    assertThatThrownBy(() -> open(Limits.NONE)).hasMessageContaining("there is no file of keys");
    create("ann", Scope.INFER);
    assertThatThrownBy(() -> create("ann", Scope.INFER)).hasMessageContaining("already");
    assertThatThrownBy(() -> create("a b", Scope.INFER)).hasMessageContaining("can't be the name");
    assertThatThrownBy(() -> file.revoke("eve", START)).hasMessageContaining("no key 'eve'");
    assertThatThrownBy(() -> Scope.of("root")).hasMessageContaining("no scope 'root'");
    assertThatThrownBy(() -> new Limits(-1, 0)).hasMessageContaining("-1 a minute");
    file.revoke("ann", START);
    assertThatThrownBy(() -> open(Limits.NONE)).hasMessageContaining("no key that is valid");
    Files.writeString(path, "[1]");
    assertThatThrownBy(() -> open(Limits.NONE)).isInstanceOf(SlipwayException.class);
  }

  /** A clock that is set by hand. */
  private static final class Settable extends Clock {
    private final AtomicReference<Instant> time;

    Settable(AtomicReference<Instant> time) {
      this.time = time;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Objects.requireNonNull(time.get());
    }
  }
}
