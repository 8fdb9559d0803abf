import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GuardedNetwork } from '../../../../lib/streams/net/guarded-network';
import { isPublicAddress } from '../../../../lib/streams/net/public-address';
import { selfSigned } from '../../../support/streams/tls-files';
import { temporaryFolder } from '../../../support/temporary';

const signal = AbortSignal.timeout(60_000);
const post = (network: GuardedNetwork, url: string) => network.post({ url, headers: {}, body: '{}' }, signal);

describe('an address of a tenant', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://10.1.2.3/',
    'https://172.31.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[fe80::1]/',
    'https://[fd00::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[64:ff9b:1::a00:1]/',
    'https://[2001::7f00:1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://[100::1]/',
    'https://[2001:db8::1]/',
    'https://192.0.0.192/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
    'https://0/',
    'https://\u2460\u2461\u2466.0.0.1/',
    'https://user:password@127.0.0.1/',
    'https://127.0.0.1:6379/',
    'https://localhost/',
  ])('is refused when it is %s', async (url) => {
    await expect(post(new GuardedNetwork(), url)).rejects.toThrow(
      'its address leads to a private, link-local or loopback network',
    );
  });

  it.each(['http://8.8.8.8/', 'file:///etc/passwd', 'gopher://8.8.8.8/', 'data:,x', 'ws://8.8.8.8/'])(
    'is refused without TLS, as %s is',
    async (url) => {
      await expect(post(new GuardedNetwork(), url)).rejects.toThrow('its address must be https');
    },
  );

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    'localhost',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::1%lo',
    '2606:4700::1%lo',
  ])('is refused of a syslog receiver when it is %s', async (host) => {
    await expect(new GuardedNetwork().connect({ host, port: 6514 }, signal)).rejects.toThrow(
      'its address leads to a private, link-local or loopback network',
    );
  });

  it('is refused when one of the addresses of its name is not public', async () => {
    const resolve = () =>
      Promise.resolve([
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    const network = new GuardedNetwork({ resolve, isPublic: isPublicAddress });
    await expect(post(network, 'https://siem.example/')).rejects.toThrow(/private, link-local or loopback/);
    const connecting = network.connect({ host: 'siem.example', port: 6514 }, signal);
    await expect(connecting).rejects.toThrow(/private, link-local or loopback/);
  });

  it.each(['8.8.8.8', '2606:4700:4700::1111', '172.32.0.1', '11.0.0.1'])('may be %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('a name of a tenant', () => {
  let [server, port] = [null as Server | null, 0];
  let ca = '';
  beforeAll(async () => {
    const { key, cert } = selfSigned(temporaryFolder(), 'siem.example');
    ca = cert;
    server = createServer({ key, cert }, (request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: 'https://127.0.0.1/' }).end();
      else response.end('here');
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server?.close());

  it('is resolved once, and the connection goes to the address that was checked', async () => {
    let asked = 0;
    // The second answer would be refused; that of the checked address is this server.
    const resolve = () => Promise.resolve([{ address: ++asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    const network = new GuardedNetwork({ resolve, isPublic: (address) => address === '127.0.0.1', ca });
    expect(await post(network, `https://siem.example:${port}/`)).toMatchObject({ status: 200, text: 'here' });
    expect(asked).toBe(1);
  });

  it('leads nowhere by a redirect', async () => {
    const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const network = new GuardedNetwork({ resolve, isPublic: () => true, ca });
    expect(await post(network, `https://siem.example:${port}/away`)).toMatchObject({ status: 302 });
  });

  it('must have a certificate that is trusted', async () => {
    const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const network = new GuardedNetwork({ resolve, isPublic: () => true });
    await expect(post(network, `https://siem.example:${port}/`)).rejects.toThrow(/self-signed certificate/);
  });
});
