/**
 * What there is: organizations, their projects and devices, and the newest value of each stream.
 * `node examples/scripts/basic.ts --user admin` asks SONDE_URL, and for the password.
 */
import { BaseMain } from '@sonde/client/node'

class Basic extends BaseMain {
  override getDomain() {
    return process.env.SONDE_URL ?? 'http://localhost:8080'
  }

  override async afterLogin() {
    for await (const org of this.api.org.items()) {
      console.log(`${org.name} (${org.slug})`)
      for await (const project of this.api.project.items({ org: org.slug })) {
        console.log(`  ${project.name} (${project.slug})`)
        await this.#showDevices(project.slug)
      }
    }
  }

  async #showDevices(project: string) {
    const newest = await this.api.query({ project, agg: 'last' })
    for await (const device of this.api.device.items({ project })) {
      console.log(`    ${device.label} (${device.slug})`)
      for (const series of newest.filter((one) => one.device === device.label)) {
        console.log(
          `      ${series.variable}: ${series.values[0]}, ${new Date(series.times[0]).toISOString()}`,
        )
      }
    }
  }
}

await new Basic().main()
