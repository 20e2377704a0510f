package dev.fairlead.net.probe;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/// Asks nothing: the connection is the answer.
record TcpQuestion() implements Question {
    @Override
    public void ask(Channel channel, InetSocketAddress to, Finding finding) {
        finding.good("connected");
    }
}
