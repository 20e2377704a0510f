package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// By the same config our own program and nftables make the same of the same connections. Needs root.
class NftOracleTest extends KernelTest {
    private String now = "ebpf";

    @Override
    String carrier() {
        return now;
    }

    /// What there is to see from outside, by where it is seen.
    private TreeMap<String, Object> seen(String carrier) throws Exception {
        now = carrier;
        fairlead = Fairlead.start(yaml("", ", balancer: round-robin", "", 1, 2, 3)
                .replace("\"" + endpoint(1) + "\"", "{address: \"" + endpoint(1) + "\", weight: 2}"));
        TreeMap<String, Object> all = new TreeMap<>();
        List<Integer> chosen = new ArrayList<>();
        List<Socket> held = new ArrayList<>();
        List<Boolean> keepsAddress = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket = connect();
            held.add(socket);
            int server = server(socket);
            chosen.add(server);
            echo(socket, "hello " + i);
            List<InetSocketAddress> peers = new ArrayList<>();
            servers.get(server - 1).peers().forEach(peers::add);
            keepsAddress.add(peers.contains(new InetSocketAddress(lab.address(0), socket.getLocalPort())));
        }
        await(() -> active() == 8);
        all.put("servers", chosen);
        all.put("the client's address", keepsAddress);
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            all.put("active on " + i, fairlead.metric("fairlead_endpoint_active", endpoint(i)));
            all.put("picks of " + i, fairlead.metric("fairlead_endpoint_picks_total", endpoint(i)));
        }
        all.put("connections", fairlead.metric("fairlead_listener_connections_total"));
        fairlead.command(0, "drain", "app", endpoint(2));
        List<Integer> without = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Socket socket = connect();
            held.add(socket);
            without.add(server(socket));
        }
        // nftables begins its turns anew when somebody leaves: only how many each had is the same.
        Collections.sort(without);
        all.put("servers without the second", without);
        for (Socket each : held) {
            echo(each, "still here");
            each.close();
        }
        await(() -> fairlead.metric("fairlead_flows_total", "closed") == held.size());
        all.put("flows", fairlead.metric("fairlead_flows_total"));
        all.put("lost", fairlead.metric("fairlead_kernel_lost_packets_total"));
        fairlead.close();
        fairlead = null;
        return all;
    }

    @Test
    void bothMakeTheSameOfAConfig() throws Exception {
        assertThat(seen("nft")).isEqualTo(seen("ebpf"));
    }
}
