import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.Executors;

/** The JDK's own server: says in X-Read what it read of each request. */
class Server {
    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                var hex = HexFormat.of();
                var target = hex.formatHex(exchange.getRequestURI().toString().getBytes(StandardCharsets.ISO_8859_1));
                var sum = hex.formatHex(MessageDigest.getInstance("SHA-256").digest(body));
                exchange.getResponseHeaders().set("X-Read", exchange.getRequestMethod() + " " + target + " " + body.length + " " + sum);
                exchange.sendResponseHeaders(200, -1);
            } catch (java.security.NoSuchAlgorithmException never) {
                throw new AssertionError(never);
            }
            exchange.close();
        });
        server.start();
    }
}
