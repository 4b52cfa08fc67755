package dev.slipway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {
  private static String chosen(Map<String, String> environment, String address) {
    ProxySelector direct = ProxySelector.of(null);
    Proxy proxy =
        new EnvironmentProxies(environment::get, direct).select(URI.create(address)).getFirst();
    return proxy.address() instanceof InetSocketAddress at
        ? at.getHostString() + ":" + at.getPort()
        : "direct";
  }

  @ParameterizedTest
  @CsvSource({
    "https://huggingface.co/a, one:3128",
    "http://huggingface.co/a, two:80",
    "https://hub.firm.example/a, direct",
    "https://firm.example/a, direct",
    "https://otherfirm.example/a, one:3128",
    "http://127.0.0.1:9/a, direct",
  })
  void aProxyIsChosenAsPythonDoes(String address, String expected) {
    Map<String, String> environment =
        Map.of(
            "https_proxy", "http://one:3128",
            "HTTP_PROXY", "two",
            "NO_PROXY", "127.0.0.1, .firm.example");
    assertThat(chosen(environment, address)).isEqualTo(expected);
  }

  @Test
  void allProxyIsForWhatHasNone() {
    assertThat(chosen(Map.of("ALL_PROXY", "http://all:8"), "https://a.example")).isEqualTo("all:8");
    assertThat(chosen(Map.of(), "https://a.example")).isEqualTo("direct");
    assertThat(chosen(Map.of("all_proxy", "http://all:8", "no_proxy", "*"), "https://a.example"))
        .isEqualTo("direct");
  }

  @Test
  void whatIsNoProxyIsToldWithoutItsPassword() {
    for (String address : new String[] {"http://me:secret@one:3128", "socks5://one:1", "http://"}) {
      assertThatThrownBy(() -> chosen(Map.of("https_proxy", address), "https://a.example"))
          .hasMessageContaining("expected http://HOST:PORT")
          .hasMessageNotContaining("secret");
    }
  }
}
