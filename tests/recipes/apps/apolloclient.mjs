// What a page does with Apollo Client: queries by GET, a mutation and a subscription.
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { lastValueFrom, map, toArray } from 'rxjs';

export async function apollo(api) {
  const uri = `${api}/graphql`;
  const sockets = createClient({ url: uri.replace('http', 'ws'), retryAttempts: 0 });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    clientAwareness: { name: 'page', version: '1' },
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(sockets),
      new HttpLink({ uri, useGETForQueries: true }),
    ),
  });
  const { hello } = (await client.query({ query: gql`{ hello }` })).data;
  const { rename } = (await client.mutate({ mutation: gql`mutation { rename(name: "a") }` })).data;
  const counts = client.subscribe({ query: gql`subscription { count(target: 3) }` });
  const plain = async (headers) => (await fetch(`${uri}?query={hello}`, { headers })).status;
  const statuses = [await plain({}), await plain({ 'Apollo-Require-Preflight': 'true' })];
  return [statuses, hello, rename, await lastValueFrom(counts.pipe(map(({ data }) => data.count), toArray()))];
}
